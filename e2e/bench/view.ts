import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { openStore } from '@geomirror/catalog/store/open.ts';
import type { CatalogReader } from '@geomirror/catalog/store/store.ts';
import { type CatalogView, loadView } from '@geomirror/catalog/view.ts';
import { startRedis } from '../servers/redis.ts';

// Loads the largest catalog that geomirror promises to carry as a redirector does, from a Redis of its own, and prints time
// and memory; then the same for one changed file:
//   node e2e/bench/view.ts [--in-step] [--files 1500000] [--mirrors 400]
const slot = 'bench/sample';
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

await using redis = await startRedis();
const script = fileURLToPath(new URL('../../operator/publish/publish-sample.ts', import.meta.url));
const publisher = spawn(process.execPath, [script, '--store', redis.url, '--slot', slot, ...process.argv.slice(2)], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const published = createInterface(publisher.stdout)[Symbol.asyncIterator]();
console.log(`published: ${(await published.next()).value}`);

await using store = await openStore(redis.url, { report: (failure) => console.error(failure.message) });
console.log(`resident before: ${megabytes(process.memoryUsage.rss())}`);
const first = await measure(store);
publisher.stdin.write('777777\n');
console.log(`published one change: ${(await published.next()).value}`);
await measure(store, first);
publisher.stdin.end();

async function measure(reader: CatalogReader, previous?: CatalogView): Promise<CatalogView> {
  const manifest = await reader.manifest(slot);
  if (manifest === undefined) throw new Error('nothing was published');
  let fetched = 0;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const began = performance.now();
  const fetchPages = async (names: readonly string[]) => {
    fetched += names.length;
    return reader.pages(slot, names);
  };
  const view = await loadView({ fetchPages }, manifest, previous);
  const seconds = (performance.now() - began) / 1000;
  delay.disable();
  console.log(
    `${view.table.liveFiles} files x ${view.columns.length} mirrors: loaded in ${seconds.toFixed(2)} s, ${fetched} pages`,
  );
  console.log(
    `event loop held up for at most ${(delay.max / 1e6).toFixed(1)} ms, 99 % below ${(delay.percentile(99) / 1e6).toFixed(1)} ms`,
  );
  console.log(
    `resident: ${megabytes(process.memoryUsage.rss())}, at most ${megabytes(process.resourceUsage().maxRSS * 1024)}`,
  );
  return view;
}
