import { createHash } from 'node:crypto';
import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** One file of the demo: its path and a content that follows from the path and `edition`. */
export type DemoFile = { readonly path: string; readonly content: Buffer; readonly modifiedAt: Date };

const versions = ['1.0', '1.1', '1.2'];
const platforms = ['linux-amd64.tar.gz', 'linux-arm64.tar.gz', 'windows-amd64.zip', 'macos-arm64.dmg'];
const released = Date.UTC(2026, 0, 15, 12);
const dayMs = 86_400_000;

/** A small software project's downloads: three releases for four platforms, and a README. */
export function demoTree(): DemoFile[] {
  const files = versions.flatMap((version, release) =>
    platforms.map((platform, index) => file(`${version}/hello-${version}-${platform}`, 20_000 + 4000 * index, release)),
  );
  const sums = files.map(({ path, content }) => `${createHash('sha256').update(content).digest('hex')}  ${path}\n`);
  return [
    ...files,
    { path: 'SHA256SUMS', content: Buffer.from(sums.join('')), modifiedAt: new Date(released + 3 * dayMs) },
    { path: 'README.txt', content: Buffer.from('Downloads of the hello project.\n'), modifiedAt: new Date(released) },
  ];
}

function file(path: string, bytes: number, release: number): DemoFile {
  return { path, content: filled(path, bytes), modifiedAt: new Date(released + release * dayMs) };
}

/** Bytes that look like a build artefact and are the same at every start. */
function filled(seed: string, bytes: number): Buffer {
  const blocks: Buffer[] = [];
  for (let size = 0; size < bytes; size += 32) blocks.push(createHash('sha256').update(`${seed}#${size}`).digest());
  return Buffer.concat(blocks).subarray(0, bytes);
}

/** Writes the files below `root` with their times. */
export async function writeTree(root: string, files: readonly DemoFile[]): Promise<void> {
  for (const { path, content, modifiedAt } of files) {
    const target = join(root, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
    await utimes(target, modifiedAt, modifiedAt);
  }
}

/** The link that makes `/latest/…` answer as `/1.2/…`. */
export async function linkLatest(root: string): Promise<void> {
  await symlink('1.2', join(root, 'latest'));
}
