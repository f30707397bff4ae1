import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { nextTurn, paced } from '@geomirror/catalog/pace.ts';
import { editTable, emptyTable } from '@geomirror/catalog/table-edit.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import { createAddressGuard } from '../network/guard.ts';
import { compareMirror } from '../mirror/plan.ts';
import { listRsync } from './rsync.ts';

// Our side of a mirror's rsync scan: a stand-in for the program prints lines of the usual shape as fast as it can; they are read, and
// compared with a source of the same tree. Prints one line of JSON.
const lines = Number(process.argv[2] ?? 1_000_000);

// Eight in a hundred names are not ASCII, one in a hundred is a link, one in a thousand a name that is refused.
const script = `#!/bin/sh
exec awk 'BEGIN {
  print "drwxr-xr-x        4096 2026/11/23 07:51:26 ."
  for (i = 0; i < ${lines}; i++) {
    folder = sprintf("pool/main/%c/package-%d", 97 + i % 26, int(i / 40))
    if (i % 100 == 1) printf "lrwxrwxrwx %11d 2026/11/23 07:51:26 %s/latest-%d -> 1.0.%d\\n", length(i % 50) + 4, folder, i, i % 50
    else if (i % 1000 == 2) printf "-rw-r--r-- %11d 2026/11/23 07:51:26 %s/new\\\\#012line-%d\\n", i, folder, i
    else if (i % 100 < 10) printf "-rw-r--r-- %11d 2026/11/23 07:51:26 %s/übersetzung-%d.tar.xz\\n", i, folder, i
    else printf "-rw-r--r-- %11d 2026/11/23 07:51:26 %s/package_1.0.%d-1_amd64.deb\\n", i * 37, folder, i
  }
}'
`;

const folder = await mkdtemp(join(tmpdir(), 'geomirror-bench-'));
try {
  const rsyncPath = join(folder, 'rsync');
  await writeFile(rsyncPath, script);
  await chmod(rsyncPath, 0o755);
  process.stdout.write(`${JSON.stringify(await measure(rsyncPath))}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(rsyncPath: string): Promise<Record<string, number>> {
  const guard = createAddressGuard({ allow: ['127.0.0.0/8'] });
  const request = { url: new URL('rsync://127.0.0.1/m/'), timeoutMs: 60_000, signal: new AbortController().signal };
  const table = await sourceTable(() => listRsync({ guard, rsyncPath }, request));
  globalThis.gc?.();
  await nextTurn();
  const residentBefore = process.memoryUsage.rss();
  let residentMost = 0;
  const sampling = setInterval(() => (residentMost = Math.max(residentMost, process.memoryUsage.rss())), 20);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const turns = watchTurns();
  const began = performance.now();
  const comparison = compareMirror(table, {
    isRetained: () => false,
    compare: () => 'Auto',
    tolerance: 2,
    included: () => true,
    previous: () => undefined,
    foundWrong: new Set(),
  });
  const listing = listRsync({ guard, rsyncPath }, request);
  let entries = 0;
  let step = await listing.next();
  for (; step.done !== true; step = await listing.next()) {
    entries += step.value.length;
    comparison.add(step.value);
  }
  const listedSeconds = (performance.now() - began) / 1000;
  const { counts } = await comparison.finish({ before: undefined, unreadable: step.value.unreadable });
  const seconds = (performance.now() - began) / 1000;
  clearInterval(sampling);
  turns.stop();
  return {
    lines,
    entries,
    refused: step.value.refused.count,
    current: counts.current,
    listedSeconds,
    seconds,
    additionalMegabytes: (residentMost - residentBefore) / 1e6,
    turnMaxMs: turns.longestMs(),
    eventLoopDelayMaxMs: delay.max / 1e6,
    eventLoopDelayP99Ms: delay.percentile(99) / 1e6,
  };
}

/** The source's table as the same listing gives it. */
async function sourceTable(list: () => ReturnType<typeof listRsync>): Promise<Table> {
  const listing = list();
  let table = emptyTable();
  for (let step = await listing.next(); step.done !== true; step = await listing.next()) {
    const edit = editTable(table);
    for (const entry of step.value) if (entry.kind === 'File') edit.add({ ...entry, digests: {} });
    table = await edit.finish(paced());
  }
  return table;
}

/** Processor time of the longest turn of the event loop, which the neighbours of a busy machine do not change. */
function watchTurns(): { readonly longestMs: () => number; readonly stop: () => void } {
  let longest = 0;
  let last = process.threadCpuUsage();
  const turn = (): void => {
    const { user, system } = process.threadCpuUsage(last);
    longest = Math.max(longest, user + system);
    last = process.threadCpuUsage();
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  return { longestMs: () => longest / 1000, stop: () => clearImmediate(next) };
}
