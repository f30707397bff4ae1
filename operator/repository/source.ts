import { remoteHost } from '../network/remote-host.ts';
import { readCredentials } from '../scan/credentials.ts';
import { listDirectory } from '../scan/directory.ts';
import type { Listing } from '../scan/listing.ts';
import { listListingFile } from '../scan/listing-file/listing-file.ts';
import { listRemote, type RemoteRequest } from '../scan/open.ts';
import type { Outside, Resources } from '../ports.ts';
import type { Repository } from '../resources/repository.ts';
import type { Scope } from './freshness.ts';

export type SourceDeps = Outside & { readonly resources: Pick<Resources, 'secret'> };

/** No byte for this long ends a listing. */
const silenceMs = 60_000;

/** Opens the listing of what the tree should contain, whatever kind the source is of. */
export async function openSource(
  deps: SourceDeps,
  repository: Repository,
  scope: Scope,
  signal: AbortSignal,
): Promise<Listing> {
  const { source } = repository.spec;
  if (source.directory !== undefined) {
    return listDirectory({ root: source.directory.path, signal, skipFolder: scope.skipsFolder });
  }
  const request = { ...(await sourceRequest(deps, repository, signal)), skipFolder: scope.skipsFolder };
  return source.listing === undefined
    ? listRemote(deps, request)
    : listListingFile(deps, { ...request, format: source.listing.format });
}

/** How a source that is not a directory is asked. Throws Failure CredentialsMissing. */
export async function sourceRequest(
  deps: SourceDeps,
  repository: Repository,
  signal: AbortSignal,
): Promise<RemoteRequest> {
  const { rsync, http, listing } = repository.spec.source;
  const remote = rsync ?? http ?? listing;
  if (remote === undefined) throw new TypeError('a source has exactly one kind');
  return {
    url: new URL(remote.url),
    credentials: await readCredentials(deps.resources, repository.metadata.namespace, remote.credentialsSecretRef),
    timeoutMs: silenceMs,
    signal,
    redirects: 'Allow',
  };
}

/** The host that a source is asked from: one job at a time goes there. */
export function sourceHost(repository: Repository): string {
  const { rsync, http, listing, directory } = repository.spec.source;
  const remote = rsync ?? http ?? listing;
  return remote === undefined ? `directory:${directory?.path ?? ''}` : remoteHost(remote.url);
}
