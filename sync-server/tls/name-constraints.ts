// The X.509 extension that confines a certificate authority to names and addresses (RFC 5280 §4.2.1.10): whoever
// steals the key of a home's Roost can then not speak for the rest of the internet to those who trust it.

import { isIP, isIPv4 } from 'node:net';

export const NAME_CONSTRAINTS_OID = '2.5.29.30';

/** IPv4 ranges of private and shared networks, and loopback. */
const PRIVATE_RANGES: readonly (readonly [network: string, bits: number])[] = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16]
];
/** Name endings that never belong to anybody on the internet. */
const PRIVATE_ENDINGS = ['localhost', 'local', 'lan', 'internal', 'home.arpa', 'fritz.box'];

export interface Permitted {
  /** A name, and all that end in `.name`. */
  readonly names: readonly string[];
  readonly ranges: readonly (readonly [network: string, bits: number])[];
}

/** Private networks, and the machine's own names and addresses. */
export function permitted(hosts: readonly string[]): Permitted {
  const ownRanges = hosts.filter(isIPv4).map((address) => [address, 32] as const);
  const names = [...PRIVATE_ENDINGS, ...hosts.filter((host) => isIP(host) === 0)];
  const ranges = [...PRIVATE_RANGES, ...ownRanges.filter(([address]) => !inRanges(address, PRIVATE_RANGES))];
  return { names: [...new Set(names)], ranges };
}

export function isPermitted(host: string, { names, ranges }: Permitted): boolean {
  if (isIPv4(host)) return inRanges(host, ranges);
  return names.some((name) => host === name || host.endsWith(`.${name}`));
}

/** DER of the extension's value. */
export function encodeNameConstraints({ names, ranges }: Permitted): Uint8Array {
  const loopback6 = Buffer.concat([Buffer.alloc(15), Buffer.from([1]), Buffer.alloc(16, 0xff)]);
  const bases = [
    ...names.map((name) => der(0x82, Buffer.from(name, 'ascii'))),
    ...ranges.map(([network, bits]) => der(0x87, Buffer.concat([uint32(numberOf(network)), uint32(maskOf(bits))]))),
    der(0x87, loopback6)
  ];
  const subtrees = bases.map((base) => der(0x30, base));
  return der(0x30, der(0xa0, Buffer.concat(subtrees)));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const header =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), content]);
}

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const maskOf = (bits: number): number => (bits === 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0);
const inRanges = (address: string, ranges: Permitted['ranges']): boolean =>
  ranges.some(([network, bits]) => (numberOf(address) & maskOf(bits)) >>> 0 === numberOf(network));
