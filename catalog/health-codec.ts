import type { EndpointHealth, Health, MirrorHealth } from './health.ts';
import { schemaVersion } from './manifest.ts';
import { dictionary, flag, list, malformed, object, oneOf, optional, parseJSON, text, whole } from './parse.ts';

/** Bytes of a health record's JSON; what is larger is neither written nor read. */
export const maxHealthBytes = 8 * 1024 * 1024;

/** The health record as it is stored: JSON. Throws StoreFailure `Malformed` for one that no reader would accept. */
export function encodeHealth(health: Health): Uint8Array {
  const json = Buffer.from(JSON.stringify(parseHealth(health, 'health')));
  if (json.length > maxHealthBytes) malformed('health', `within ${maxHealthBytes} bytes`);
  return json;
}

/** The health record in stored bytes, with the fields this release knows and no others; throws StoreFailure `Malformed`. */
export function decodeHealth(bytes: Uint8Array): Health {
  if (bytes.length > maxHealthBytes) malformed('health', `within ${maxHealthBytes} bytes`);
  return parseHealth(parseJSON(bytes, 'health'), 'health');
}

const endpoint = object<EndpointHealth>({
  url: text,
  up: flag,
  ipv4Up: optional(flag),
  ipv6Up: optional(flag),
  since: whole,
  reason: optional(text),
});

const mirror = object<MirrorHealth>({
  withheld: optional(oneOf(['NotScanned', 'AwaitingRescan', 'ContentMissing', 'ContentWrong', 'TooSlow'])),
  endpoints: list(endpoint),
});

const parseHealth = object<Health>({
  schema: oneOf([schemaVersion]),
  uid: text,
  writtenAt: whole,
  mirrors: dictionary(mirror),
  fallbacks: dictionary(endpoint),
});
