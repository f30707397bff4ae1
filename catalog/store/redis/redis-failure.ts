import { StoreFailure, type StoreFailureReason } from '../failure.ts';

type Symptom = { readonly pattern: RegExp; readonly reason: StoreFailureReason; readonly cure: string };

const symptoms: readonly Symptom[] = [
  {
    pattern: /WRONGTYPE|MALFORMED/,
    reason: 'Malformed',
    cure: 'a key of this prefix was not written by geomirror; delete it, or set another prefix',
  },
  {
    pattern: /WRONGPASS|NOAUTH|invalid password/i,
    reason: 'Refused',
    cure: 'set the right user and password in its URL',
  },
  { pattern: /NOPERM/, reason: 'Refused', cure: 'allow this user the commands and keys in catalog/README.md' },
  { pattern: /^MOVED|CROSSSLOT/, reason: 'Refused', cure: 'this is a node of a Redis Cluster; give a single Redis' },
  { pattern: /DB index is out of range/, reason: 'Refused', cure: 'give a smaller database number in its URL' },
  { pattern: /\bOOM\b/, reason: 'Unavailable', cure: 'it is full: raise its maxmemory' },
  { pattern: /\bREADONLY\b/, reason: 'Unavailable', cure: 'it is a replica: give the URL of the primary' },
  { pattern: /CERT|certificate|self.signed/i, reason: 'Refused', cure: 'trust its authority with NODE_EXTRA_CA_CERTS' },
];

/**
 * What an error of the Redis client means for the caller. Only the first line of its message is kept: the error itself
 * holds the command with its arguments, and with them passwords and pages.
 */
export function redisFailure(error: unknown): StoreFailure {
  if (error instanceof StoreFailure) return error;
  const said = messageOf(error);
  const symptom = symptoms.find(({ pattern }) => pattern.test(said));
  if (symptom === undefined) return new StoreFailure('Unavailable', `Redis does not answer: ${said}`);
  return new StoreFailure(symptom.reason, `Redis says "${said}": ${symptom.cure}`);
}

function messageOf(error: unknown): string {
  const message =
    error instanceof AggregateError ? String(error.errors[0]) : error instanceof Error ? error.message : '';
  const [line = ''] = message.split('\n');
  return line === "Stream isn't writeable and enableOfflineQueue options is false"
    ? 'not connected'
    : line.slice(0, 200);
}
