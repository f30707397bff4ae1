import { readTrustedProxies, type TrustedProxies } from './client.ts';

/** One setting: an environment variable. `parse` throws an Error that says what to write instead. */
export type Setting<T> = {
  readonly name: string;
  readonly fallback: string;
  readonly parse: (text: string) => T;
  readonly help: string;
};

export type Environment = Readonly<Record<string, string | undefined>>;

export type ListenAddress = { readonly host: string; readonly port: number };

/** The settings of a redirector. */
export const settings = {
  listen: {
    name: 'GEOMIRROR_LISTEN',
    fallback: '127.0.0.1:8080',
    parse: parseListen,
    help: 'host:port that clients are answered on; [::]:8080 is every address of the machine',
  },
  adminListen: {
    name: 'GEOMIRROR_ADMIN_LISTEN',
    fallback: '127.0.0.1:9090',
    parse: parseListen,
    help: 'host:port of /livez, /readyz and /metrics; not for clients',
  },
  store: {
    name: 'GEOMIRROR_STORE',
    fallback: 'redis://127.0.0.1:6379',
    parse: parseStore,
    help: 'where the catalog is read: redis://… or rediss://… or file:<folder>',
  },
  geoIP: {
    name: 'GEOMIRROR_GEOIP',
    fallback: '',
    parse: parseList,
    help: 'mmdb files, separated by commas; empty: the country database that comes with geomirror',
  },
  trustedProxies: {
    name: 'GEOMIRROR_TRUSTED_PROXIES',
    fallback: '',
    parse: parseTrustedProxies,
    help: 'CIDRs, separated by commas, of proxies whose X-Forwarded-For and X-Forwarded-Proto count; empty: trust nobody',
  },
} as const satisfies Record<string, Setting<unknown>>;

export type Config = Values<typeof settings>;

type Values<S extends Readonly<Record<string, Setting<unknown>>>> = {
  readonly [K in keyof S]: ReturnType<S[K]['parse']>;
};

/** All that is wrong with an environment, one line for each setting. */
export class ConfigMistakes extends Error {
  override readonly name = 'ConfigMistakes';
}

/** Reads the settings of a redirector; throws ConfigMistakes. */
export function readConfig(env: Environment): Config {
  return readSettings(settings, env);
}

/** Reads any table of settings; throws ConfigMistakes that name every wrong setting and its cure. */
export function readSettings<S extends Readonly<Record<string, Setting<unknown>>>>(
  table: S,
  env: Environment,
): Values<S> {
  const mistakes: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(table)) {
    try {
      values[key] = setting.parse((env[setting.name] ?? setting.fallback).trim());
    } catch (error) {
      mistakes.push(`${setting.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (mistakes.length > 0) throw new ConfigMistakes(mistakes.join('\n'));
  return values as Values<S>;
}

/** The table of settings as --help prints it. */
export function helpText(table: Readonly<Record<string, Setting<unknown>>>): string {
  return Object.values(table)
    .map(({ name, fallback, help }) => `  ${name}\n      ${help} (default: ${fallback === '' ? 'empty' : fallback})`)
    .join('\n');
}

/** `host:port` or `[address]:port` or `:port` for every address; port 0 is any free one. */
export function parseListen(text: string): ListenAddress {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535)
    throw new Error(`"${text}" is no address. Write host:port, such as 127.0.0.1:8080 or [::]:8080.`);
  return { host: match[1] ?? (match[2] || '::'), port };
}

function parseStore(text: string): string {
  if (text === 'memory:')
    throw new Error('memory: is for standalone only. Write the redis://… that the operator publishes to.');
  if (!/^(?:rediss?:\/\/|file:).+/.test(text))
    throw new Error('Unknown kind of store. Write redis://host:6379, rediss://host:6380 or file:<folder>.');
  return text;
}

/** Items separated by commas, trimmed, without empty ones. */
export function parseList(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function parseTrustedProxies(text: string): TrustedProxies {
  const { proxies, invalid } = readTrustedProxies(parseList(text));
  if (invalid.length > 0)
    throw new Error(`"${invalid.join('", "')}" is no network. Write 10.0.0.0/8 or 2001:db8::/32.`);
  return proxies;
}
