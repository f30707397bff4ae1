import { Failure } from '../failures.ts';
import type { Resources } from '../ports.ts';
import type { Credentials } from './listing.ts';

/** The Secret that a resource names, read anew at each use: keys `username` and `password` as in kubernetes.io/basic-auth. */
export async function readCredentials(
  resources: Pick<Resources, 'secret'>,
  namespace: string,
  reference: { readonly name: string } | undefined,
): Promise<Credentials | undefined> {
  if (reference === undefined) return undefined;
  const content = await resources.secret(namespace, reference.name);
  if (content === undefined)
    throw new Failure('CredentialsMissing', `there is no Secret "${reference.name}" in namespace ${namespace}`);
  const { username, password } = content;
  if (password === undefined)
    throw new Failure('CredentialsMissing', `the Secret "${reference.name}" lacks the key "password"`);
  return { username: username ?? '', password };
}
