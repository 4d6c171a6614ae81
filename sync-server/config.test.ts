import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError } from './config-error.ts';
import { DEFAULT_LIMITS, readConfig, VARIABLES } from './config.ts';
import { DEFAULT_SYNC_LIMITS } from './sync/sync-limits.ts';

const read = (env: Record<string, string>, args: string[] = []) => readConfig({ args, env, root: '/srv/roost' });

test('without anything set, localhost:3000, open, data beside the program', () => {
  expect(read({})).toMatchObject({
    port: 3000,
    host: 'localhost',
    lan: false,
    dataDir: '/srv/roost/data',
    registration: 'open',
    roomCreation: 'everyone',
    publicUrl: null,
    tls: null,
    limits: { signInPerAccount: { times: 10, perMs: 600_000 } }
  });
});

test('an empty variable is one that is not set', () => {
  expect(read({ PORT: '', ROOST_URL: '', HOST: '' })).toMatchObject({ port: 3000, host: 'localhost', publicUrl: null });
});

test('reads what the host sets', () => {
  const env = {
    PORT: '8443',
    HOST: '0.0.0.0',
    ROOST_DATA_DIR: '/var/lib/roost',
    ROOST_REGISTRATION: 'invitation',
    ROOST_ROOM_CREATION: 'administrators',
    ROOST_URL: 'https://Chat.Example.org/',
    ROOST_SIGN_IN_PER_ACCOUNT: '5/2h',
    ROOST_REQUESTS_PER_PERSON: '60/1s'
  };
  expect(read(env, ['--lan'])).toMatchObject({
    port: 8443,
    lan: true,
    dataDir: '/var/lib/roost',
    registration: 'invitation',
    roomCreation: 'administrators',
    publicUrl: 'https://chat.example.org',
    limits: { signInPerAccount: { times: 5, perMs: 7_200_000 }, requestsPerPerson: { times: 60, perMs: 1_000 } }
  });
});

test('[PREVIEW-9] links are previewed unless the host says no', () => {
  expect(read({}).linkPreviews).toEqual({ on: true, ownSites: [] });
  const env = { ROOST_PREVIEWS: 'off', ROOST_PREVIEW_SITES: 'https://wiki.lan, http://nas.lan:8080/' };
  expect(read(env).linkPreviews).toEqual({ on: false, ownSites: ['https://wiki.lan', 'http://nas.lan:8080'] });
  expect(() => read({ ROOST_PREVIEWS: 'no' })).toThrow('ROOST_PREVIEWS must be on or off');
});

test('limits of the sockets are as they are unless the host says otherwise', () => {
  expect(read({}).syncLimits).toEqual({});
  const env = {
    ROOST_UPDATES_PER_PERSON: '2000/4s',
    ROOST_FRAMES_PER_PERSON: '600/1m',
    ROOST_BYTES_PER_PERSON: '1073741824/4s',
    ROOST_PRESENCE_PER_PERSON: '40/4s',
    ROOST_OPENS_PER_PERSON: '1/1h',
    ROOST_CONNECTIONS_PER_PERSON: '7'
  };
  expect(read(env).syncLimits).toEqual({
    updates: { perSecond: 500, burst: 2_000 },
    frames: { perSecond: 10, burst: 600 },
    bytes: { perSecond: 2 ** 28, burst: 2 ** 30 },
    presence: { perSecond: 10, burst: 40 },
    opens: { perSecond: 1 / 3_600, burst: 1 },
    connectionsPerUser: 7
  });
});

test.each([
  ['PORT', 'http'],
  ['PORT', '65536'],
  ['HOST', 'my host'],
  ['ROOST_REGISTRATION', 'yes'],
  ['ROOST_URL', 'chat.example.org'],
  ['ROOST_URL', 'https://example.org/chat'],
  ['ROOST_URL', 'ftp://example.org'],
  ['ROOST_LOG', 'loud'],
  ['ROOST_SIGN_UP_PER_ADDRESS', '10 an hour'],
  ['ROOST_BYTES_PER_PERSON', '16 MiB'],
  ['ROOST_CONNECTIONS_PER_PERSON', '0']
])('[HTTP-1] %s=%s is one line that names the variable', (name, value) => {
  let error: unknown;
  try {
    read({ [name]: value });
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as Error).message).toMatch(new RegExp(`^${name} .*\\.$`));
});

test('a certificate without its key, and an option that there is not, are one line each', () => {
  expect(() => read({ ROOST_TLS_CERT: 'a.pem' })).toThrow(/^ROOST_TLS_CERT and ROOST_TLS_KEY belong together/);
  expect(() => read({}, ['--wan'])).toThrow(/^There is no option --wan/);
});

/** Rows of a page's tables that begin with variables: their names, and the default where the row gives one, else ''. */
function variablesIn(page: string): readonly (readonly [string, string])[] {
  const text = readFileSync(path.join(import.meta.dirname, '..', page), 'utf8');
  return [...text.matchAll(/^\| ((?:`[A-Z_]+`(?:, )?)+) \|(?: `([^`]+)` \|)?/gm)].flatMap(([, names, value]) =>
    [...names!.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => [name!, value ?? ''] as const)
  );
}

test('the README and docs/operations.md name every variable, and the limits with the defaults that they have', () => {
  const limits = variablesIn('docs/operations.md');
  const named = [...variablesIn('README.md'), ...limits].map(([name]) => name);
  expect(named.toSorted()).toEqual(VARIABLES.toSorted());

  const config = read(Object.fromEntries(limits));
  expect(config.limits).toEqual(DEFAULT_LIMITS);
  expect({ ...DEFAULT_SYNC_LIMITS, ...config.syncLimits }).toEqual(DEFAULT_SYNC_LIMITS);
});
