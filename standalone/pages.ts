import { text, type AdminPage } from '@geomirror/redirector/admin.ts';
import { readinessProblem } from './readiness.ts';
import type { FolderResources } from './resources.ts';

type Page = () => AdminPage | Promise<AdminPage>;

/** `/status`, and `/readyz` that also waits for the operator's first look at everything. */
export function folderPages(folder: FolderResources, redirectorReady: Page | undefined): Record<string, Page> {
  return {
    '/status': () => ({
      status: 200,
      type: 'application/json; charset=utf-8',
      body: `${JSON.stringify(folder.list(), undefined, 2)}\n`,
    }),
    '/readyz': () => {
      const problem = readinessProblem(folder.resources);
      if (problem !== undefined) return text(503, problem);
      return redirectorReady?.() ?? text(200, 'ready');
    },
  };
}
