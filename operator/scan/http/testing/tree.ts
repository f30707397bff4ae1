import { mkdir, mkdtemp, readdir, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** What really lies on the disk, by path: bytes and whole Unix seconds of files, links followed. */
export type Truth = ReadonlyMap<string, { readonly size: number; readonly modifiedAt: number }>;

export type Tree = AsyncDisposable & { readonly root: string; readonly truth: () => Promise<Truth> };

/** An empty folder that is removed afterwards. */
export async function createTree(): Promise<Tree> {
  const root = await mkdtemp(join(tmpdir(), 'geomirror-tree-'));
  return {
    root,
    truth: async () => new Map(await walk(root, '')),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

/** A sparse file of this many bytes, last changed at this Unix second. */
export async function addFile(root: string, path: string, size = 0, modifiedAt = 1_750_000_000): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), '');
  await truncate(join(root, path), size);
  await utimes(join(root, path), modifiedAt, modifiedAt);
}

/** Sizes beside every border at which one of the servers rounds differently. */
const sizes = [
  0, 1, 9, 99, 100, 101, 199, 200, 972, 973, 999, 1000, 1023, 1024, 1025, 1075, 1076, 1126, 1127, 9_948, 9_949, 9_999,
  10_000, 10_188, 10_189, 10_239, 10_240, 10_751, 10_752, 99_000, 996_351, 996_352, 1_022_975, 1_022_976, 1_023_487,
  1_023_488, 1_023_999, 1_024_000, 1_048_575, 1_048_576, 1_048_577, 1_572_864, 1_600_000, 10_433_331, 10_433_332,
  1_047_527_424, 1_073_741_823, 1_073_741_824, 1_610_612_735, 1_610_612_736, 5_000_000_000, 1_099_511_627_775,
  1_234_567_890_123,
];

/** Names that need care in HTML, in URLs or in both. */
export const unusualNames: readonly string[] = [
  'with space & amp;.txt',
  '%2f',
  '100%.txt',
  'hash#fragment.txt',
  'question?mark=1.txt',
  'quo"te<b>.txt',
  "apo'strophe.txt",
  'a+b;c=d,e~f!g$h(i)*j@k.txt',
  'co:lon.txt',
  'http:',
  'back\\slash',
  'ümläut-日本語-🚀.txt',
  ' leading and trailing ',
  '.hidden',
  'C=N;O=D',
  '2026-11-23 07:30  1.5K',
  `${'long-name-'.repeat(12)}.tar.gz`,
];

/** Fills a folder with everything that the property "the truth lies in what the listing says" should be tried on. */
export async function fillTree(root: string): Promise<void> {
  const borders = sizes.map((size, index) =>
    addFile(root, `sizes/${size}.bin`, size, 1_600_000_000 + index * 12_345_679),
  );
  const names = unusualNames.flatMap((name) => [
    addFile(root, `names/${name}`, 5),
    addFile(root, `folders/${name}/inside.txt`, 7),
  ]);
  await Promise.all([
    ...borders,
    ...names,
    addFile(root, 'deep/er/and/deeper/file', 3),
    addFile(root, 'top.txt', 1025),
  ]);
  await mkdir(join(root, 'empty'));
  await symlink('../top.txt', join(root, 'deep/link.txt'));
}

async function walk(folder: string, prefix: string): Promise<[string, { size: number; modifiedAt: number }][]> {
  const names = await readdir(folder);
  const lists = await Promise.all(
    names.map(async (name) => {
      const found = await stat(join(folder, name));
      if (found.isDirectory()) return walk(join(folder, name), `${prefix}${name}/`);
      const file = { size: found.size, modifiedAt: Math.floor(found.mtimeMs / 1000) };
      return [[`${prefix}${name}`, file] satisfies [string, typeof file]];
    }),
  );
  return lists.flat();
}
