/** A hash of text, 32 bits, every bit depending on every character: FNV-1a with the finish of MurmurHash3. */
export const hashText = (text: string, seed: number): number => {
  let hash = 2_166_136_261 ^ seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 16_777_619);
  hash = Math.imul(hash ^ (hash >>> 16), 2_246_822_507);
  hash = Math.imul(hash ^ (hash >>> 13), 3_266_489_909);
  return (hash ^ (hash >>> 16)) >>> 0;
};

/**
 * Weighted rendezvous hashing: the client goes to the mirror with the lowest of these. Over all clients each mirror is lowest with the probability
 * `share`; a mirror that comes or goes moves only the clients that it gains or loses.
 */
export const rendezvous = (clientHash: number, name: string, share: number): number =>
  -Math.log((hashText(name, clientHash) + 0.5) / 2 ** 32) / share;
