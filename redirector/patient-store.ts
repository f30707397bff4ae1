import type { CatalogReader } from '@geomirror/catalog/store/store.ts';

type Reader = CatalogReader & AsyncDisposable;

/** A store that need not be there yet: every call tries to open it until one succeeds. */
export function createPatientStore(open: () => Promise<Reader>): Reader & { readonly open: () => Promise<void> } {
  let opening: Promise<Reader> | undefined;
  const opened = (): Promise<Reader> => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  return {
    async open() {
      await opened();
    },
    slots: async () => (await opened()).slots(),
    revision: async (slot) => (await opened()).revision(slot),
    manifest: async (slot) => (await opened()).manifest(slot),
    health: async (slot) => (await opened()).health(slot),
    pages: async (slot, names) => (await opened()).pages(slot, names),
    reportMissing: async (slot, names) => (await opened()).reportMissing(slot, names),
    watch: async (onChange, signal) => (await opened()).watch(onChange, signal),
    async [Symbol.asyncDispose]() {
      const store = await opening?.catch(() => undefined);
      await store?.[Symbol.asyncDispose]();
    },
  };
}
