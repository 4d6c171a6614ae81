// Hosts that this server connects to because somebody else named them. Invariants: what is looked at is what is connected to, as a
// name is resolved once, here, at each connection; of a host with one address that is not public none is taken.

import { lookup as systemLookup, Resolver, type LookupAddress } from 'node:dns';
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { isPublicAddress } from './public-address.ts';

/** Of a host that has an address which is not public. */
export class NotPublicError extends Error {
  readonly code = 'ENOTPUBLIC';
}

/** @param hostname of a URL: an address of version 6 stands in brackets there */
export function mayBePublicHost(hostname: string, isReached: (address: string) => boolean = isReachedAddress): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return isReached(host);
  // Names of this machine and this network; a resolver may answer for them, or hand them on.
  return !/(?:^|\.)(?:localhost|local|internal|home\.arpa)\.?$/i.test(host) && host.includes('.');
}

/**
 * Public, and not in a network that this machine is in: addresses of version 6 are public at home, too.
 * @param interfaces read each time: a machine moves
 */
export function isReachedAddress(address: string, interfaces = networkInterfaces()): boolean {
  return isPublicAddress(address) && !networksOf(interfaces).check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

function networksOf(interfaces: ReturnType<typeof networkInterfaces>): BlockList {
  const own = new BlockList();
  for (const { address, cidr, family } of Object.values(interfaces).flatMap((all) => all ?? [])) {
    const prefix = Number(cidr?.split('/')[1]);
    if (Number.isInteger(prefix)) own.addSubnet(address, prefix, family === 'IPv6' ? 'ipv6' : 'ipv4');
  }
  return own;
}

export type Resolve = (
  host: string,
  done: (error: NodeJS.ErrnoException | null, found: readonly LookupAddress[]) => void
) => void;

/** As everything on this machine does, by /etc/hosts too: for what the host of this server has named. */
const resolveBySystem: Resolve = (host, done) =>
  systemLookup(host, { all: true, verbatim: true }, (error, found) => done(error, found));

const NAME_SERVER_TIMEOUT_MS = 2_000;
const NAME_SERVER_TRIES = 2;

/**
 * By asking name servers ourselves. The system would be asked in one of four threads, which the disk needs as well: a name
 * server that says nothing, and whose names anybody can bring, would stop all files and the database.
 * @param servers by default those of the system
 */
export function resolveByNameServers(servers?: readonly string[]): Resolve {
  return (host, done) => {
    // Made anew: a machine moves, and its name servers with it.
    const resolver = new Resolver({ timeout: NAME_SERVER_TIMEOUT_MS, tries: NAME_SERVER_TRIES });
    if (servers) resolver.setServers(servers);
    const found: LookupAddress[] = [];
    let failure: NodeJS.ErrnoException | null = null;
    let asked = 2;
    const answered =
      (family: 4 | 6) =>
      (error: NodeJS.ErrnoException | null, addresses: readonly string[] = []): void => {
        // A host has often none of one kind.
        if (error && error.code !== 'ENODATA') failure = error;
        found.push(...addresses.map((address) => ({ address, family })));
        asked -= 1;
        if (asked === 0) done(found.length > 0 ? null : failure, found);
      };
    resolver.resolve4(host, answered(4));
    resolver.resolve6(host, answered(6));
  };
}

/**
 * For `lookup` of a connection: what it gives is what is connected to.
 * @param allowed hosts that may be anywhere
 * @param given by default the system for those that are allowed, and the name servers for all others
 */
export function checkedLookup(
  allowed: ReadonlySet<string>,
  given?: Resolve,
  isReached: (address: string) => boolean = isReachedAddress
): LookupFunction {
  const byNameServers = resolveByNameServers();
  return (host, options, done) => {
    const resolve = given ?? (allowed.has(host) ? resolveBySystem : byNameServers);
    resolve(host, (error, found) => {
      if (error) return done(error, '', 0);
      const [first] = found;
      if (!first) return done(Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' }), '', 0);
      // One that is not is enough: which of them is taken is not ours to say.
      if (!allowed.has(host) && !found.every(({ address }) => isReached(address)))
        return done(new NotPublicError(`${host} is not on the public internet`), '', 0);
      if (options.all) return done(null, [...found]);
      done(null, first.address, first.family);
    });
  };
}
