const arrow = ' -> ';
/** More are malice, and each costs a copy of the line. */
const mostArrows = 32;

/**
 * Cuts `name -> target` as `ls -l` and rsync print links, both as latin1 text. Both sides may hold ` -> `: the size of a link
 * is the length of its target in bytes, which tells where to cut; where a server says another size, the first arrow counts.
 */
export function cutLink(
  text: string,
  size: number,
  unescape: (text: string) => string = (same) => same,
): { readonly name: string; readonly target: string } | undefined {
  const cuts: number[] = [];
  for (let at = text.indexOf(arrow, 1); at >= 0 && cuts.length < mostArrows; at = text.indexOf(arrow, at + 1)) {
    cuts.push(at);
  }
  const targetAt = (cut: number): string => unescape(text.slice(cut + arrow.length));
  const cut = cuts.find((each) => targetAt(each).length === size) ?? cuts[0];
  return cut === undefined ? undefined : { name: unescape(text.slice(0, cut)), target: targetAt(cut) };
}
