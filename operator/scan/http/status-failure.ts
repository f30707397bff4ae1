import { Failure, printableURL } from '../../failures.ts';

/** What an answer other than 200 to the request for a directory page means. */
export function statusFailure(url: URL, status: number, loginGiven: boolean): Failure {
  const said = `${printableURL(url)} answered ${status}`;
  if (status === 401 || status === 407) {
    return loginGiven
      ? new Failure('LoginRefused', `${said}: the user name or password of the Secret is not accepted`)
      : new Failure('CredentialsMissing', `${said}: it asks for a login, name a Secret in credentialsSecretRef`);
  }
  if (status === 403)
    return new Failure('NoListing', `${said}: directory pages are switched off there, or forbidden for us`);
  if (status === 404 || status === 410)
    return new Failure('NotFound', `${said}: there is no such folder, or it has no directory page`);
  if (status === 429 || status >= 500) return new Failure('Unreachable', `${said}: the server is overloaded or broken`);
  return new Failure('ProtocolError', `${said} to a request for a directory page`);
}
