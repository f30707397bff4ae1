import { parseNetwork } from './address.ts';

/** What a record may be made of; whole numbers become uint32, others double. */
export type Value = string | number | boolean | readonly Value[] | { readonly [name: string]: Value };

type Tree = [Tree | number | undefined, Tree | number | undefined];

const control = (type: number, size: number): Buffer => {
  const [extended, extra] = type > 7 ? [[type - 7], 0] : [[], type << 5];
  if (size < 29) return Buffer.from([extra | size, ...extended]);
  if (size < 285) return Buffer.from([extra | 29, ...extended, size - 29]);
  return Buffer.from([extra | 30, ...extended, (size - 285) >> 8, (size - 285) & 255]);
};

const encodeNumber = (value: number): Buffer => {
  if (Number.isInteger(value) && value >= 0) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([control(6, 4), bytes]);
  }
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return Buffer.concat([control(3, 8), bytes]);
};

const encode = (value: Value): Buffer => {
  if (typeof value === 'number') return encodeNumber(value);
  if (typeof value === 'boolean') return control(14, Number(value));
  if (typeof value === 'string') return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Array.isArray(value)) return Buffer.concat([control(11, value.length), ...value.map(encode)]);
  const entries = Object.entries(value);
  return Buffer.concat([
    control(7, entries.length),
    ...entries.flatMap(([name, each]) => [encode(name), encode(each)]),
  ]);
};

const bitsOf = (cidr: string, ipVersion: 4 | 6): string => {
  const network = parseNetwork(cidr);
  if (network === undefined) throw new Error(`${cidr} is no network`);
  const { address, length } = network;
  if (address.family === 4) {
    const bits = address.high.toString(2).padStart(32, '0').slice(0, length);
    return ipVersion === 4 ? bits : '0'.repeat(96) + bits;
  }
  const bits = [address.high.toString(2).padStart(48, '0'), address.middle.toString(2).padStart(32, '0')];
  return [...bits, address.low.toString(2).padStart(48, '0')].join('').slice(0, length);
};

const plant = (root: Tree, bits: string, leaf: number): void => {
  let node = root;
  for (const bit of bits.slice(0, -1)) {
    const side = Number(bit);
    const next = node[side];
    if (Array.isArray(next)) node = next;
    else node = node[side] = [next, next];
  }
  node[Number(bits.at(-1))] = leaf;
};

const nodesOf = (root: Tree): Tree[] => {
  const nodes = [root];
  for (const node of nodes) for (const side of node) if (Array.isArray(side)) nodes.push(side);
  return nodes;
};

/** Writes a MaxMind DB (format 2.0, 24-bit records) whose records are given by network; wider networks come first. */
export const encodeDatabase = (
  records: Readonly<Record<string, Value>>,
  { type = 'Test', ipVersion = 6 }: { readonly type?: string; readonly ipVersion?: 4 | 6 } = {},
): Buffer => {
  const root: Tree = [undefined, undefined];
  const data: Buffer[] = [];
  let size = 0;
  for (const [cidr, record] of Object.entries(records)) {
    plant(root, bitsOf(cidr, ipVersion), size);
    const encoded = encode(record);
    data.push(encoded);
    size += encoded.length;
  }
  const nodes = nodesOf(root);
  const numbers = new Map(nodes.map((node, at) => [node, at]));
  const tree = Buffer.alloc(nodes.length * 6);
  for (const [at, node] of nodes.entries()) {
    for (const [side, target] of node.entries()) {
      const leaf = target === undefined ? nodes.length : nodes.length + 16 + Number(target);
      tree.writeUIntBE(Array.isArray(target) ? (numbers.get(target) ?? 0) : leaf, at * 6 + side * 3, 3);
    }
  }
  const metadata: Value = {
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_780_000_000,
    database_type: type,
    description: { en: 'for tests' },
    ip_version: ipVersion,
    languages: ['en'],
    node_count: nodes.length,
    record_size: 24,
  };
  const marker = Buffer.from('\u00AB\u00CD\u00EFMaxMind.com', 'latin1');
  return Buffer.concat([tree, Buffer.alloc(16), ...data, marker, encode(metadata)]);
};
