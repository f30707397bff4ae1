import { type Address, clientBits, type Network, type Prefix, parseNetwork, prefixOf } from './address.ts';

/** Networks listed somewhere, ready to be asked about addresses. */
export type Networks = {
  /** Every listed network that contains the address, in the spelling it was listed in, sorted. */
  readonly containing: (address: Address) => readonly string[];
  readonly contain: (address: Address) => boolean;
  /** Whether a listed network lies within the client's /24 or /48 and is narrower than that. */
  readonly divideClient: (address: Address) => boolean;
  /** Entries that are no CIDR; they contain nothing. */
  readonly invalid: readonly string[];
};

type Level = { readonly length: number; readonly entries: Map<Prefix, string[]> };

const none: readonly string[] = [];

const add = (levels: Level[], { address, length }: Network, text: string): void => {
  let level = levels.find((each) => each.length === length);
  if (level === undefined) {
    level = { length, entries: new Map() };
    levels.push(level);
  }
  const prefix = prefixOf(address, length);
  level.entries.set(prefix, [...(level.entries.get(prefix) ?? none), text]);
};

/** Indexes CIDRs by length, so that a question costs one look-up per length that occurs. */
export const indexNetworks = (cidrs: readonly string[]): Networks => {
  const levels: Record<4 | 6, Level[]> = { 4: [], 6: [] };
  const divided: Record<4 | 6, Set<Prefix>> = { 4: new Set(), 6: new Set() };
  const invalid: string[] = [];
  for (const text of new Set(cidrs)) {
    const network = parseNetwork(text);
    if (network === undefined) {
      invalid.push(text);
      continue;
    }
    const { family } = network.address;
    add(levels[family], network, text);
    if (network.length > clientBits[family]) divided[family].add(prefixOf(network.address, clientBits[family]));
  }
  return {
    invalid,
    containing: (address) =>
      levels[address.family].flatMap(({ length, entries }) => entries.get(prefixOf(address, length)) ?? none).sort(),
    contain: (address) => levels[address.family].some(({ length, entries }) => entries.has(prefixOf(address, length))),
    divideClient: (address) => divided[address.family].has(prefixOf(address, clientBits[address.family])),
  };
};
