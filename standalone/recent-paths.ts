/** Paths that clients were sent to lately: half of what mirrors are sampled for. */
export type RecentPaths = {
  readonly add: (slot: string, path: string) => void;
  readonly paths: (slot: string) => readonly string[];
};

const kept = 256;

/** Remembers the last 256 for each repository. */
export function createRecentPaths(): RecentPaths {
  const rings = new Map<string, { readonly paths: string[]; next: number }>();
  return {
    add(slot, path) {
      let ring = rings.get(slot);
      if (ring === undefined) {
        ring = { paths: [], next: 0 };
        rings.set(slot, ring);
      }
      ring.paths[ring.next] = path;
      ring.next = (ring.next + 1) % kept;
    },
    paths: (slot) => rings.get(slot)?.paths ?? [],
  };
}
