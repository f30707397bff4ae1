import { StoreFailure } from '@geomirror/catalog/store/failure.ts';
import { openStore } from '@geomirror/catalog/store/open.ts';
import { pino, type Logger } from 'pino';
import { createAdminServer } from './admin.ts';
import { ConfigMistakes, helpText, readConfig, settings, type Config } from './config.ts';
import { openGeo } from './geo/geo.ts';
import { createPlaces } from './geo/places.ts';
import { createPatientStore } from './patient-store.ts';
import { createRedirector } from './redirector.ts';
import { CannotListen, drain, listen } from './server.ts';

// Kubernetes kills after 30 s.
const drainLimitMs = 20_000;

/** Serves until it is told to stop; throws with the cure where it cannot start. */
async function main(config: Config, log: Logger): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());

  await using geo = await openGeo(config.geoIP, { report: (problem) => log.warn(problem, 'GeoIP database') });
  const report = (failure: StoreFailure): void =>
    log.warn({ reason: failure.reason, message: failure.message }, 'Store');
  await using store = createPatientStore(() => openStore(config.store, { report }));
  await store.open().catch((error: unknown) => {
    if (!(error instanceof StoreFailure) || error.reason === 'Refused') throw error;
  });

  const placing = (networks: readonly string[]) => createPlaces({ geo, networks }).place;
  const { server, adminPages, run } = createRedirector({ store, placing, trusted: config.trustedProxies, log });
  const admin = createAdminServer(adminPages);
  await listen(admin, config.adminListen);
  await listen(server, config.listen);
  log.info({ listen: config.listen, adminListen: config.adminListen }, 'Redirector started');

  await run(stop.signal);
  log.info('Stopping: no new connections, the last requests are answered');
  await drain(server, drainLimitMs);
  await drain(admin, 1000);
}

if (process.argv.includes('--help')) {
  process.stdout.write(
    `Usage: node redirector/main.ts\n\nSettings, all from the environment:\n${helpText(settings)}\n`,
  );
} else {
  try {
    await main(readConfig(process.env), pino());
  } catch (error) {
    if (!(error instanceof ConfigMistakes || error instanceof StoreFailure || error instanceof CannotListen))
      throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
