import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { addAbortSignal } from 'node:stream';
import { connect as connectTLS, getCACertificates, type ConnectionOptions } from 'node:tls';
import { Client, FTPError, type FTPResponse } from 'basic-ftp';
import { Failure } from '../failures.ts';
import { asciiHost, type Address } from '../network/guard.ts';
import { splitLines } from './decode-lines.ts';

/** A control connection that is logged in. Its promises reject with FTPError where the server refuses a command. */
export type FTPSession = Disposable & {
  /** Features of FEAT in upper case. */
  readonly features: ReadonlySet<string>;
  /** The folder it is in now, absolute. */
  readonly folder: () => Promise<string>;
  readonly enter: (folder: string) => Promise<void>;
  /** What a listing command sends, as latin1 lines without CR, some at a time. */
  readonly lines: (command: string) => AsyncGenerator<readonly string[], void, void>;
  /** The reply to a command. */
  readonly ask: (command: string) => Promise<string>;
};

export type FTPLogin = {
  readonly url: URL;
  readonly address: Address;
  readonly username: string;
  readonly password: string;
  readonly ca?: readonly string[] | undefined;
  /** Closes the session; every wait ends with its reason. */
  readonly signal: AbortSignal;
};

const maxLineBytes = 32 * 1024;

/** Connects to exactly the address, in TLS for ftps (implicit on port 990, else AUTH TLS), and logs in. */
export async function openFTP(login: FTPLogin): Promise<FTPSession> {
  const { url, address, signal } = login;
  // Our own watchdog counts silence.
  const client = new Client(0);
  const close = (): void => client.close();
  signal.addEventListener('abort', close, { once: true });
  const tls = url.protocol === 'ftps:' ? tlsOptions(login) : undefined;
  const session: FTPSession & { readonly features: Set<string> } = {
    features: new Set(),
    folder: async () => unquote(await ask('PWD')),
    enter: async (folder) => void (await ask(`CWD ${folder}`)),
    ask: (command) => ask(command),
    lines: (command) => transfer({ client, address, tls, signal }, command),
    [Symbol.dispose]: () => {
      signal.removeEventListener('abort', close);
      close();
    },
  };
  const ask = async (command: string): Promise<string> => (await orAbort(client.send(command), signal)).message;
  try {
    await orAbort(logIn(client, login), signal);
    const features = await orAbort(client.features(), signal);
    for (const name of features.keys()) session.features.add(name.toUpperCase());
    return session;
  } catch (error) {
    session[Symbol.dispose]();
    throw error;
  }
}

async function logIn(client: Client, login: FTPLogin): Promise<void> {
  const { url, address } = login;
  const port = url.port === '' ? 21 : Number(url.port);
  const secure = url.protocol === 'ftps:';
  const implicit = secure && port === 990;
  if (implicit) await client.connectImplicitTLS(address.address, port, tlsOptions(login));
  else await client.connect(address.address, port);
  if (secure && !implicit) {
    await client.useTLS(tlsOptions(login)).catch((cause: unknown) => {
      if (cause instanceof FTPError)
        throw new Failure('ProtocolError', `${url.host} does not offer AUTH TLS`, { cause });
      throw cause;
    });
  }
  // User names may need it already; servers that know it only after the login are told again by the default settings.
  await client.sendIgnoringError('OPTS UTF8 ON');
  await client.login(login.username, login.password);
  await client.useDefaultSettings();
}

/** `host` must be the address: basic-ftp and node would look up any other. The identity checked is `servername` or else `host`. */
function tlsOptions({ url, address, ca }: FTPLogin): ConnectionOptions {
  const name = asciiHost(url.hostname);
  return {
    host: address.address,
    ...(isIP(name) === 0 && { servername: name }),
    ...(ca !== undefined && { ca: [...getCACertificates('default'), ...ca] }),
    rejectUnauthorized: true,
  };
}

/** 257 "/a ""quoted"" folder" is current */
function unquote(reply: string): string {
  const [, folder = '/'] = /^257[ -]"((?:[^"]|"")*)"/.exec(reply) ?? [];
  return folder.replaceAll('""', '"');
}

type Channel = {
  readonly client: Client;
  readonly address: Address;
  readonly tls: ConnectionOptions | undefined;
  readonly signal: AbortSignal;
};

async function* transfer(channel: Channel, command: string): AsyncGenerator<readonly string[], void, void> {
  const { client, signal } = channel;
  const data = addAbortSignal(signal, await openData(channel));
  const done = orAbort(client.ftp.handle(command, settle), signal);
  // Refused: nothing will come on the data connection.
  done.catch(() => data.destroy());
  try {
    for await (const lines of splitLines(data, maxLineBytes)) {
      yield lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
    }
  } catch (error) {
    // The server may have said why on the control connection.
    await done;
    throw error;
  } finally {
    data.destroy();
  }
  const message = await done;
  // vsftpd calls a folder that it may not read a success.
  if (/failed to open/i.test(message)) throw new FTPError({ code: 550, message });
}

function settle(
  response: Error | FTPResponse,
  task: { resolve: (message: string) => void; reject: (error: Error) => void },
): void {
  if (response instanceof Error) task.reject(response);
  else if (response.code >= 200) task.resolve(response.message);
}

/** Passive, to the address of the control connection whatever the server says. */
async function openData(channel: Channel): Promise<Socket> {
  const { client, address, tls, signal } = channel;
  const port = await orAbort(passivePort(client), signal);
  const socket = connect({ host: address.address, port });
  socket.on('error', () => undefined);
  await once(socket, 'connect', { signal });
  if (tls === undefined) return socket;
  // Servers want the session of the control connection resumed, as proof that we are the same client.
  const session = client.ftp.tlsSessionStore ?? sessionOf(client);
  const secured = connectTLS({ ...tls, socket, ...(session !== undefined && { session }) });
  secured.on('session', (next) => (client.ftp.tlsSessionStore = next));
  secured.on('error', () => undefined);
  return secured;
}

function sessionOf({ ftp }: Client): Buffer | undefined {
  return 'getSession' in ftp.socket ? ftp.socket.getSession() : undefined;
}

async function passivePort(client: Client): Promise<number> {
  const extended = await client.sendIgnoringError('EPSV');
  const [, , port] = /\((\D)\1\1(\d{1,5})\1\)/.exec(extended.message) ?? [];
  if (extended.code < 300 && port !== undefined) return Number(port);
  const { message } = await client.send('PASV');
  const [, high, low] = /\d{1,3},\d{1,3},\d{1,3},\d{1,3},(\d{1,3}),(\d{1,3})/.exec(message) ?? [];
  if (high === undefined) throw new FTPError({ code: 502, message: 'no passive mode' });
  return Number(high) * 256 + Number(low);
}

/** The promise, or the signal's reason if that comes first: a closed basic-ftp client does not settle everything. */
async function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
