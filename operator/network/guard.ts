import type { LookupFunction } from 'node:net';

export type Address = { readonly address: string; readonly family: 4 | 6 };

/**
 * Decides to which addresses the operator may speak. A resource must not turn it into a port scanner of its own network:
 * loopback, link-local, private and other special-purpose addresses (IANA registries, RFC 6890) are refused unless configured.
 */
export type AddressGuard = {
  /** The host's addresses that may be spoken to. Throws Failure AddressRefused (some exist, none allowed) or UnresolvableHost. */
  readonly resolve: (host: string, signal: AbortSignal) => Promise<readonly Address[]>;
  /** For `net.connect({lookup})`; note that node does not call it for IP literals: connectors check those with `refuse`. */
  readonly lookup: LookupFunction;
  /** Why this IP literal may not be spoken to, or undefined. */
  readonly refuse: (address: string) => string | undefined;
};
