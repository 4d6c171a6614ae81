// The names and addresses under which this machine can be reached from its own network.

import { hostname, networkInterfaces } from 'node:os';

/** IPv4 addresses of the local network, those of container bridges last; link-local ones are left out. */
export function lanAddresses(): string[] {
  const found: { address: string; virtual: boolean }[] = [];
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    for (const { family, internal, address } of addresses ?? []) {
      if (family !== 'IPv4' || internal || address.startsWith('169.254.')) continue;
      found.push({ address, virtual: /^(?:docker|br-|veth|virbr|vmnet|vboxnet)/.test(name) });
    }
  }
  return found.sort((a, b) => Number(a.virtual) - Number(b.virtual)).map(({ address }) => address);
}

/** `box` and `box.local`, in lower case as browsers have them; none when the machine has no usable name. */
export function lanNames(): string[] {
  const name = hostname()
    .toLowerCase()
    .replace(/\.local$/, '');
  if (!/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/.test(name) || name === 'localhost') return [];
  return name.includes('.') ? [name] : [name, `${name}.local`];
}

export const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'] as const;

/** As it stands in a URL. */
export const urlHost = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);
