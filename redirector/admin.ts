import { createServer, type Server, type ServerResponse } from 'node:http';

/** What a page of the admin listener says. */
export type AdminPage = { readonly status: number; readonly type: string; readonly body: string };

/** A listener for operators and kubelets only: one function for each path. Not listening yet. */
export function createAdminServer(pages: Readonly<Record<string, () => AdminPage | Promise<AdminPage>>>): Server {
  return createServer({ requestTimeout: 10_000 }, (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (page === undefined) {
      const known = Object.keys(pages).join(', ');
      write(response, text(404, `Nothing is here. There is ${known}.`));
      return;
    }
    void answer(page, response);
  });
}

async function answer(page: () => AdminPage | Promise<AdminPage>, response: ServerResponse): Promise<void> {
  try {
    write(response, await page());
  } catch (error) {
    write(response, text(500, error instanceof Error ? error.message : String(error)));
  }
}

function write(response: ServerResponse, { status, type, body }: AdminPage): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }).end(body);
}

/** One line of plain text. */
export function text(status: number, line: string): AdminPage {
  return { status, type: 'text/plain; charset=utf-8', body: `${line}\n` };
}
