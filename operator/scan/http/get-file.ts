import { Failure, printableURL } from '../../failures.ts';
import type { HTTPRequest } from '../../network/client.ts';
import { requestPatiently, type PatienceDeps } from './patient-request.ts';
import { createRequestRate } from './request-rate.ts';

// Silence is the client's to end; a body that trickles would never be silent.
const slowestBytesPerSecond = 1024;

export type FileRequest = Omit<HTTPRequest, 'method' | 'headers' | 'address'> & {
  /** More bytes than this are Failure TooLarge. */
  readonly maxBytes: number;
};

/** An open file: read `chunks` to the end or return early. */
export type OpenFile = {
  readonly chunks: AsyncGenerator<Uint8Array, void, void>;
  /** Unix ms, where the server says so. */
  readonly modifiedAtMs: number | undefined;
};

/** Begins to fetch a whole file. Throws Failure, also from `chunks`: for every status but 200, and for a body that is too long or trickles. */
export async function getFile(deps: PatienceDeps, request: FileRequest): Promise<OpenFile> {
  const headers = { accept: '*/*', 'accept-encoding': 'identity' };
  const answer = await requestPatiently(deps, createRequestRate(deps, Infinity), {
    ...request,
    method: 'GET',
    headers,
  });
  if (answer.status !== 200) {
    await answer.close();
    throw refusal(request, answer.status);
  }
  const modifiedAtMs = Date.parse(answer.headers['last-modified'] ?? '');
  return {
    chunks: watched(deps, request, answer.body),
    modifiedAtMs: Number.isNaN(modifiedAtMs) ? undefined : modifiedAtMs,
  };
}

async function* watched(
  { now }: PatienceDeps,
  { url, timeoutMs, maxBytes }: FileRequest,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  let bytes = 0;
  let waitedMs = 0;
  let askedAt = now();
  for await (const chunk of body) {
    // Only our waiting counts: what the reader does in between is not the server's fault.
    waitedMs += now() - askedAt;
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Failure('TooLarge', `${printableURL(url)} is longer than ${maxBytes} bytes`);
    if (waitedMs > timeoutMs && bytes * 1000 < waitedMs * slowestBytesPerSecond)
      throw new Failure('Timeout', `${printableURL(url)} comes more slowly than a kibibyte a second`);
    yield chunk;
    askedAt = now();
  }
}

function refusal({ url, credentials }: FileRequest, status: number): Failure {
  const said = `${printableURL(url)} answered ${status}`;
  if (status === 401 || status === 407) {
    return credentials === undefined
      ? new Failure('CredentialsMissing', `${said}: it asks for a login, name a Secret in credentialsSecretRef`)
      : new Failure('LoginRefused', `${said}: the user name or password of the Secret is not accepted`);
  }
  if (status === 403) return new Failure('SourceUnreadable', `${said}: the file is forbidden for us`);
  if (status === 404 || status === 410) return new Failure('NotFound', `${said}: there is no such file`);
  if (status === 429 || status >= 500) return new Failure('Unreachable', `${said}: the server is overloaded or broken`);
  return new Failure('ProtocolError', `${said} to a request for a file`);
}
