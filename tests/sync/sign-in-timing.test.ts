// Nobody learns from the time of an answer who has an account. The hash is the cheapest there is here, so that whatever
// else differs is not lost in its noise.

import { expect, onTestFinished, test } from 'vitest';
import { compareTimes, isAlike } from './alike-in-time.ts';
import { TestServer } from './server-fixture.ts';

const TRIES = 300;
const LIMITLESS = {
  ROOST_SIGN_IN_PER_ADDRESS: '1000000/1m',
  ROOST_SIGN_IN_PER_ACCOUNT: '1000000/1m',
  ROOST_RECOVERY_PER_ADDRESS: '1000000/1m',
  ROOST_RECOVERY_PER_ACCOUNT: '1000000/1m'
};

async function setup() {
  const server = await TestServer.start(undefined, LIMITLESS);
  onTestFinished(() => server[Symbol.asyncDispose]());
  const { core } = server;
  await server.account('present');
  const [suspended, deleted] = [await server.account('suspended'), await server.account('deleted')];
  await core.accounts.setSuspended(suspended.id, true);
  await core.acts.delete(deleted.id, false);
  await core.accounts.create({ name: 'passkey', password: null, admin: false });
  const withCodes = await server.account('codes');
  await core.recovery.newCodes(withCodes.id);
  const post = (path: string, body: object) => async () => {
    const headers = { 'content-type': 'application/json', origin: server.url };
    const answer = await server.fetch(path, null, { method: 'POST', headers, body: JSON.stringify(body) });
    expect(answer.status).toBe(401);
    await answer.text();
  };
  return {
    signIn: (name: string) => post('/api/session', { name, password: 'wrong horse battery' }),
    recover: (name: string) =>
      post('/api/recovery', { name, code: '0000-0000-0000-0000', password: 'another horse battery' })
  };
}

test.each(['absent', 'suspended', 'deleted', 'passkey'])(
  '[ACCT-24] a wrong password for a name that is there, and for %j, take the same time',
  { timeout: 120_000 },
  async (name) => {
    const { signIn } = await setup();
    const times = await compareTimes(TRIES, signIn('present'), signIn(name));
    expect(isAlike(times), JSON.stringify(times)).toBe(true);
  }
);

test.each(['absent', 'present', 'suspended'])(
  '[ACCT-24] a wrong code for an account with codes, and for %j, take the same time',
  { timeout: 120_000 },
  async (name) => {
    const { recover } = await setup();
    const times = await compareTimes(TRIES, recover('codes'), recover(name));
    expect(isAlike(times), JSON.stringify(times)).toBe(true);
  }
);

test('a difference that is there shows', { timeout: 120_000 }, async () => {
  const { signIn } = await setup();
  const slower = async (): Promise<void> => {
    await signIn('present')();
    await signIn('present')();
  };
  expect(isAlike(await compareTimes(TRIES, slower, signIn('present')))).toBe(false);
});
