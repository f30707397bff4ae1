import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Puts bytes in a file so that a reader, or a start after a crash of this program, finds the old content or the new. Its folder exists. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = await writeTemporary(path, bytes, async () => undefined);
  await rename(temporary, path);
}

/** The same, and the new content outlives a power failure from then on. */
export async function replaceFileDurably(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = await writeTemporary(path, bytes, (file) => file.sync());
  await rename(temporary, path);
  await using folder = await open(dirname(path), 'r');
  await folder.sync();
}

type File = Awaited<ReturnType<typeof open>>;

async function writeTemporary(path: string, bytes: Uint8Array, finish: (file: File) => Promise<void>): Promise<string> {
  const temporary = `${path}.tmp`;
  await using file = await open(temporary, 'w');
  await file.writeFile(bytes);
  await finish(file);
  return temporary;
}
