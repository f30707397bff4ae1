import { StoreFailure } from '@geomirror/catalog/store/failure.ts';
import { ConfigMistakes, helpText } from '@geomirror/redirector/config.ts';
import { CannotListen } from '@geomirror/redirector/server.ts';
import { pino } from 'pino';
import { readConfig, settings } from './config.ts';
import { runDemo } from './demo/run.ts';
import { ManifestsUnreadable } from './manifests/watch.ts';
import { runStandalone } from './standalone.ts';

/** Failures to start whose message says what to do; of any other the stack is worth more. */
const known = [ConfigMistakes, StoreFailure, CannotListen, ManifestsUnreadable];

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());

try {
  if (process.argv.includes('--help')) {
    process.stdout.write(
      `Usage: node standalone/main.ts\n\nSettings, all from the environment:\n${helpText(settings)}\n`,
    );
  } else {
    const config = readConfig(process.env);
    const { manifests } = config;
    if (manifests === undefined) await runDemo(process.env, stop.signal);
    else await runStandalone({ ...config, manifests }, { log: pino({ level: config.logLevel }), signal: stop.signal });
  }
} catch (error) {
  process.stderr.write(`${describe(error)}\n`);
  process.exitCode = 1;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return known.some((kind) => error instanceof kind) ? error.message : (error.stack ?? error.message);
}
