import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Every benchmark beside this file that can be run by itself, or those named on the command line. */
const asked = process.argv.slice(2);
const benchmarks = ['select', 'view', 'rsync-listing', 'redirects'];

if (asked.includes('--help')) {
  console.log(
    `Usage: npm run bench [-- NAME …]\n\nBenchmarks: ${benchmarks.join(', ')}. Ratios are of one run on this machine.`,
  );
} else {
  const present = new Set(readdirSync(import.meta.dirname));
  for (const name of asked.length === 0 ? benchmarks : asked) {
    if (!present.has(`${name}.ts`))
      throw new Error(`There is no benchmark "${name}": write one of ${benchmarks.join(', ')}`);
    console.log(`\n== ${name}`);
    const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.ts`)], { stdio: 'inherit' });
    if (status !== 0) process.exitCode = 1;
  }
}
