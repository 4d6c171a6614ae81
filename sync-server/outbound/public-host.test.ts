import { createSocket } from 'node:dgram';
import type { LookupAddress } from 'node:dns';
import { networkInterfaces } from 'node:os';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  checkedLookup,
  isReachedAddress,
  mayBePublicHost,
  NotPublicError,
  resolveByNameServers
} from './public-host.ts';

/** What a connection would be made to. */
const connectTo = (addresses: readonly string[], allowed: readonly string[] = [], all = true) =>
  new Promise((resolve, reject) => {
    const lookup = checkedLookup(new Set(allowed), (_host, done) =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
      )
    );
    lookup('push.example.org', { all }, (error, found) => (error ? reject(error) : resolve(found)));
  });

describe('[PUSH-3] [PREVIEW-6] a name leads to public addresses alone, and the connection to those that were looked at', () => {
  test('all of them, or the first', async () => {
    expect(await connectTo(['8.8.8.8', '2606:4700::1'])).toEqual([
      { address: '8.8.8.8', family: 4 },
      { address: '2606:4700::1', family: 6 }
    ]);
    expect(await connectTo(['8.8.8.8'], [], false)).toBe('8.8.8.8');
  });

  test.for([['10.0.0.1'], ['8.8.8.8', '127.0.0.1'], ['2606:4700::1', '::ffff:127.0.0.1'], ['fe80::1']])(
    'not %j',
    async (addresses) => {
      await expect(connectTo(addresses)).rejects.toThrow(NotPublicError);
      expect(await connectTo(addresses, ['push.example.org'])).toHaveLength(addresses.length);
    }
  );

  test('nor nothing', async () => {
    await expect(connectTo([])).rejects.toThrow('has no address');
  });
});

test('[PUSH-3] [PREVIEW-6] no address of a network that the server is in is connected to, public or not', () => {
  const of = (address: string, cidr: string) => [
    {
      ...{ address, cidr, netmask: '', mac: '', internal: false },
      ...(address.includes(':') ? { family: 'IPv6' as const, scopeid: 0 } : { family: 'IPv4' as const })
    }
  ];
  const interfaces = {
    home: of('2001:470:1f0b:77::5', '2001:470:1f0b:77::5/64'),
    rented: of('93.184.216.34', '93.184.216.34/24')
  };
  const near = ['2001:470:1f0b:77::5', '2001:470:1f0b:77:aaaa::1', '93.184.216.34', '93.184.216.1'];
  for (const address of near)
    expect([isReachedAddress(address, interfaces), isReachedAddress(address, {})], address).toEqual([false, true]);
  for (const address of ['2001:470:1f0b:78::5', '93.184.217.1', '1.1.1.1'])
    expect(isReachedAddress(address, interfaces), address).toBe(true);
  expect(isReachedAddress('10.0.0.1', interfaces)).toBe(false);
  // As it is asked: of the networks of this very machine.
  for (const { address } of Object.values(networkInterfaces()).flatMap((all) => all ?? []))
    expect(isReachedAddress(address), address).toBe(false);
});

test('[PUSH-3] [PREVIEW-6] names of the own network are asked of nobody', () => {
  for (const host of [
    'localhost',
    'a.localhost',
    'db.internal',
    'printer.local',
    'nas.home.arpa.',
    'intranet',
    '[::1]',
    '10.0.0.1'
  ])
    expect(mayBePublicHost(host), host).toBe(false);
  for (const host of ['a.example', 'local.example', '1.1.1.1', '[2606:4700:4700::1111]'])
    expect(mayBePublicHost(host), host).toBe(true);
});

const RECORD = { 1: [8, 8, 8, 8], 28: [0x26, 0x06, 0x47, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] } as Record<
  number,
  number[]
>;

/** A name server that knows an address of each kind that it is to tell; of the others it says that there is none. */
async function nameServer(tells: readonly number[]) {
  const socket = createSocket('udp4');
  let asked = 0;
  socket.on('message', (query, { port, address }) => {
    asked += 1;
    const type = query[query.indexOf(0, 12) + 2]!;
    const question = query.subarray(12, query.indexOf(0, 12) + 5);
    const record = tells.includes(type) ? RECORD[type]! : null;
    const head = Buffer.from([query[0]!, query[1]!, 0x81, 0x80, 0, 1, 0, record ? 1 : 0, 0, 0, 0, 0]);
    const answer = record
      ? Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, record.length, ...record])
      : Buffer.alloc(0);
    socket.send(Buffer.concat([head, question, answer]), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => void socket.close());
  const resolve = resolveByNameServers([`127.0.0.1:${socket.address().port}`]);
  const find = () =>
    new Promise<readonly LookupAddress[]>((done, failed) =>
      resolve('push.example.org', (error, found) => (error ? failed(error) : done(found)))
    );
  return { find, asked: () => asked };
}

describe('[PUSH-20] [PREVIEW-6] names of others are asked of name servers, beside the threads that the disk needs', () => {
  test.for<[kinds: number[], found: string[]]>([
    [
      [1, 28],
      ['8.8.8.8', '2606:4700::1']
    ],
    [[1], ['8.8.8.8']],
    [[28], ['2606:4700::1']],
    [[], []]
  ])('%j', async ([kinds, expected]) => {
    const { find, asked } = await nameServer(kinds);
    const found = await find();
    expect(found.map(({ address }) => address).sort()).toEqual(expected.toSorted());
    expect(found.every(({ address, family }) => family === (address.includes(':') ? 6 : 4))).toBe(true);
    expect(asked()).toBeGreaterThanOrEqual(2);
  });

  test('one that is not there is an error', async () => {
    const { find } = await nameServer([]);
    const gone = resolveByNameServers(['127.0.0.1:1']);
    await find();
    await expect(
      new Promise((done, failed) => gone('push.example.org', (error, found) => (error ? failed(error) : done(found))))
    ).rejects.toThrow(/push\.example\.org/);
  });
});
