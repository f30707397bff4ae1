import type { Outcome } from '../attempts.ts';
import type { Jobs } from '../jobs.ts';
import type { Outside, Resources } from '../ports.ts';
import type { RepositoryState } from '../repository/state.ts';
import type { Mirror } from '../resources/mirror.ts';
import type { Repository } from '../resources/repository.ts';
import type { MirrorPlan } from './plan.ts';
import type { MirrorState } from './state.ts';

export type ScanDeps = Outside & { readonly resources: Pick<Resources, 'secret'>; readonly jobs: Jobs };

/** One mirror to be scanned against one repository's table. */
export type ScanSubject = {
  readonly mirror: Mirror;
  readonly state: MirrorState;
  readonly repository: Repository;
  readonly repositoryState: RepositoryState;
  readonly signal: AbortSignal;
};

/** How a scan went; `accepted` if it is in the ledger. */
export type ScanOutcome = Outcome & {
  readonly accepted?: { readonly plan: MirrorPlan; readonly protocol: string };
};

export type ScanEndpoint = { readonly url: string; readonly credentialsSecretRef?: { readonly name: string } };

/** CRD `scan.endpoints`, or the directory pages under the endpoints where there are none. */
export const scanEndpoints = ({ spec }: Mirror): readonly ScanEndpoint[] =>
  spec.scan.endpoints.length > 0 ? spec.scan.endpoints : spec.endpoints;

/** Whether the mirror itself may redirect its clients and us. */
export const redirectPolicyOf = (mirror: Mirror, repository: Repository): 'Forbid' | 'SameSite' | 'Allow' =>
  mirror.spec.redirectPolicy ?? repository.spec.redirectPolicy;
