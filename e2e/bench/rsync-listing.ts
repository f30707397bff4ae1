import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// How the operator reads an rsync listing of a million lines and compares it with its source: the figures to keep are in brackets.
//   node e2e/bench/rsync-listing.ts [lines]
const script = fileURLToPath(new URL('../../operator/scan/rsync.bench.ts', import.meta.url));
const printed = execFileSync(process.execPath, ['--expose-gc', script, ...process.argv.slice(2)], { encoding: 'utf8' });
const figures = JSON.parse(printed) as Record<string, number>;
const figure = (name: string): string => (figures[name] ?? Number.NaN).toFixed(1);

console.log(
  `an rsync listing of ${figures['lines']} lines: ${figures['entries']} entries, ${figures['refused']} names refused, ${figures['current']} files current`,
);
console.log(
  `time             ${figure('seconds')} s (15 s for a million), of which ${figure('listedSeconds')} s until the last line`,
);
console.log(`memory on top    ${figure('additionalMegabytes')} MB (150 MB)`);
console.log(`longest turn     ${figure('turnMaxMs')} ms of processor time (50 ms)`);
console.log(`event loop delay ${figure('eventLoopDelayMaxMs')} ms at most, p99 ${figure('eventLoopDelayP99Ms')} ms`);
