import { schemaVersion, type Slot } from './manifest.ts';

/** The prefix of every key where the configuration names no other. */
export const defaultPrefix = 'geomirror';

/** Where one repository lies. The braces are a hash tag: all of it is in one slot of a Redis Cluster. */
export type SlotKeys = {
  readonly token: string;
  readonly manifest: string;
  readonly revision: string;
  readonly health: string;
  readonly pages: string;
  readonly missing: string;
};

/** Where the list of repositories lies. */
export type IndexKeys = { readonly token: string; readonly slots: string };

/** The keys of one repository; throws RangeError for a name that could leave its hash tag. */
export function slotKeys(prefix: string, slot: Slot): SlotKeys {
  if (!isSlot(slot)) throw new RangeError(`not namespace/name of a repository: ${JSON.stringify(slot)}`);
  const base = `${prefix}:{${slot}}`;
  return {
    token: `${base}:token`,
    manifest: `${base}:manifest:${schemaVersion}`,
    revision: `${base}:revision:${schemaVersion}`,
    health: `${base}:health:${schemaVersion}`,
    pages: `${base}:pages`,
    missing: `${base}:missing`,
  };
}

/** The keys of the index. */
export function indexKeys(prefix: string): IndexKeys {
  return { token: `${prefix}:{repositories}:token`, slots: `${prefix}:{repositories}` };
}

/** The pub/sub channel on which changes of the catalog are told. */
export function changesChannel(prefix: string): string {
  return `${prefix}:{repositories}:changes`;
}

// Kubernetes: a namespace is a DNS label, a name a DNS subdomain. Also safe as names of folders.
const slotPattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\/[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Whether text is `namespace/name` by the rules of Kubernetes. */
export function isSlot(text: string): text is Slot {
  return slotPattern.test(text);
}
