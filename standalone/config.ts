import {
  parseList,
  settings as redirectorSettings,
  readSettings,
  type Environment,
  type Setting,
} from '@geomirror/redirector/config.ts';
import { networksMistake } from './networks.ts';

/** The settings of standalone: those of a redirector, and what an operator needs besides. */
export const settings = {
  ...redirectorSettings,
  store: {
    name: 'GEOMIRROR_STORE',
    fallback: 'memory:',
    parse: parseStore,
    help: 'where the catalog is kept: memory: (gone at the end), file:<folder>, or redis://host:port for redirectors elsewhere',
  },
  manifests: {
    name: 'GEOMIRROR_MANIFESTS',
    fallback: '',
    parse: (text) => (text === '' ? undefined : text),
    help: 'a folder of YAML manifests (Repository, Mirror, Secret), watched for changes; empty: a demo with four mirrors of its own',
  },
  allowPrivateMirrors: {
    name: 'GEOMIRROR_ALLOW_PRIVATE_MIRRORS',
    fallback: 'false',
    parse: parseAllowed,
    help: 'true, or CIDRs separated by commas: loopback, private and other special addresses that mirrors and sources may have',
  },
  canaries: {
    name: 'GEOMIRROR_CANARIES',
    fallback: '',
    parse: (text) => parseList(text).map(parseURL),
    help: 'URLs, separated by commas, that answer when our own network works: they decide who is to blame when most mirrors fail at once',
  },
  logLevel: {
    name: 'GEOMIRROR_LOG_LEVEL',
    fallback: 'info',
    parse: parseLevel,
    help: 'error, warn, info or debug',
  },
} as const satisfies Record<string, Setting<unknown>>;

export type Config = ReturnType<typeof readConfig>;

/** Reads all settings; throws ConfigMistakes that name every wrong one and its cure. */
export const readConfig = (env: Environment) => readSettings(settings, env);

function parseAllowed(text: string): 'Everything' | readonly string[] {
  if (text === 'true') return 'Everything';
  if (text === 'false' || text === '') return [];
  const networks = parseList(text);
  const mistake = networksMistake(networks);
  if (mistake !== undefined) throw new Error(mistake);
  return networks;
}

function parseStore(text: string): string {
  // Not the whole text in the message: there may be a password in it.
  if (!/^(?:memory:$|file:.|rediss?:\/\/.)/.test(text))
    throw new Error('Unknown kind of store. Write memory:, file:<folder>, redis://host:6379 or rediss://host:6380.');
  return text;
}

function parseURL(text: string): URL {
  if (!URL.canParse(text) || !/^https?:/.test(text)) throw new Error(`"${text}" is no http or https URL.`);
  return new URL(text);
}

const levels = ['error', 'warn', 'info', 'debug'] as const;

function parseLevel(text: string): (typeof levels)[number] {
  const level = levels.find((known) => known === text);
  if (level === undefined) throw new Error(`"${text}" is no level. Write ${levels.join(', ')}.`);
  return level;
}
