/** A predicate for "lies in one of these folders, however deep"; '' is the root. Costs the path's depth, however many folders. */
export function below(folders: readonly string[]): (path: string) => boolean {
  const known = new Set(folders);
  if (known.size === 0) return () => false;
  if (known.has('')) return () => true;
  return (path) => {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      if (known.has(path.slice(0, end))) return true;
    }
    return false;
  };
}
