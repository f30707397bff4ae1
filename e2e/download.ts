import { createHash } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';

/** What a file is in truth. */
export type Truth = { readonly size: number; readonly sha256: string };

/** What came of a download: the file, or a sentence that says what came instead. */
export type Download = { readonly right: true } | { readonly right: false; readonly what: string };

const mostHops = 5;

/**
 * Downloads as a person would: follows redirects, waits no longer than `patienceMs`, and compares size and SHA-256 with the truth.
 * To be led to another server is wrong too.
 */
export async function download(url: string, truth: Truth, patienceMs: number): Promise<Download> {
  const signal = AbortSignal.timeout(patienceMs);
  try {
    const { response, from } = await follow(new URL(url), signal);
    const { statusCode } = response;
    if (statusCode !== 200) {
      response.destroy();
      return wrong(`status ${statusCode}`);
    }
    const found = await read(response);
    if (found.size !== truth.size) return wrong(`${found.size} bytes instead of ${truth.size}`);
    if (found.sha256 !== truth.sha256) return wrong('other bytes');
    return from.host === new URL(url).host ? { right: true } : wrong(`led to ${from.host}`);
  } catch (error) {
    if (signal.aborted) return wrong(`not there after ${patienceMs / 1000} s`);
    return wrong(error instanceof Error ? error.message : String(error));
  }
}

function wrong(what: string): Download {
  return { right: false, what };
}

type Followed = { readonly response: IncomingMessage; readonly from: URL };

/** The answer at the end of all redirects. */
async function follow(url: URL, signal: AbortSignal): Promise<Followed> {
  let from = url;
  for (let hop = 0; hop <= mostHops; hop += 1) {
    const response = await get(from, signal);
    const { location } = response.headers;
    if (location === undefined) return { response, from };
    response.destroy();
    from = new URL(location, from);
  }
  throw new Error(`more than ${mostHops} redirects`);
}

function get(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, { agent: false, signal }, resolve).on('error', reject).end();
  });
}

async function read(response: IncomingMessage): Promise<Truth> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    hash.update(chunk);
  }
  return { size, sha256: hash.digest('hex') };
}
