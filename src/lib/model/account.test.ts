import { expect, test } from 'vitest';
import type { UserInfo } from '#protocol/api/profile.ts';
import { eventually } from '../../../tests/eventually.ts';
import { FakeApi } from '../session/testing/fake-api.ts';
import { FakePasskeys } from '../session/testing/fake-passkeys.ts';
import { Account } from './account.svelte.ts';

const ANN: UserInfo = {
  id: 'uAAAAAAAAAAAAAAAAAAAAAA',
  name: 'Ann',
  displayName: '',
  avatar: null,
  status: '',
  colour: null,
  deleted: false
};

function setup() {
  const api = new FakeApi();
  const passkeys = new FakePasskeys();
  const learned: UserInfo[] = [];
  let deleted = 0;
  const account = new Account(api.client, passkeys, {
    learned: (profile) => learned.push(profile),
    leave: async (act) => {
      const result = await act();
      if (result.ok) deleted += 1;
      return result;
    }
  });
  let copy: UserInfo | undefined;
  const onDisk = {
    read: async () => copy,
    write: async (profile: UserInfo) => void (copy = profile)
  };
  return { api, passkeys, learned, account, onDisk, kept: () => copy, deletions: () => deleted };
}

test('[ACCOUNT-7] the profile is there offline as last heard, and changes only with the server', async () => {
  const { api, account, onDisk, learned, kept } = setup();
  await onDisk.write({ ...ANN, status: 'at sea' });
  await account.begin(ANN.id, onDisk);
  expect(account.profile?.status).toBe('at sea');
  api.online = false;
  await account.refreshProfile();
  expect(await account.changeProfile({ status: 'in port' })).toMatchObject({ ok: false, code: 'offline' });
  expect(account.profile?.status).toBe('at sea');
  api.online = true;
  api.on('PATCH /api/profile', ({ body }) => ({ body: { ...ANN, ...(body as object) } }));
  expect(await account.changeProfile({ status: 'in port' })).toMatchObject({ ok: true });
  expect(account.profile?.status).toBe('in port');
  expect(kept()?.status).toBe('in port');
  expect(learned).toHaveLength(1);
});

test('[ACCOUNT-7] a change on another device is shown here; other people are not oneself', async () => {
  const { account, onDisk } = setup();
  await account.begin(ANN.id, onDisk);
  account.learn([{ ...ANN, id: 'uBBBBBBBBBBBBBBBBBBBBBB', status: 'Bo' }]);
  expect(account.profile).toBeNull();
  account.learn([{ ...ANN, status: 'from the phone' }]);
  expect(account.profile?.status).toBe('from the phone');
  account.end();
  expect(account.profile).toBeNull();
});

test('[ACCOUNT-7] a slow disk does not bring an older profile back', async () => {
  const { account } = setup();
  let answer: (profile: UserInfo) => void = () => undefined;
  const begun = account.begin(ANN.id, {
    read: () => new Promise((resolve) => (answer = resolve)),
    write: async () => undefined
  });
  account.learn([{ ...ANN, status: 'new' }]);
  answer({ ...ANN, status: 'old' });
  await begun;
  expect(account.profile?.status).toBe('new');
});

test('a picture goes up as it is and becomes the avatar; refused, the old one stays', async () => {
  const { api, account, onDisk } = setup();
  await account.begin(ANN.id, onDisk);
  const picture = new Blob(['RIFF'], { type: 'image/webp' });
  api.on('POST /api/avatars', () => ({ status: 400, body: { code: 'avatar-invalid' } }));
  expect(await account.setAvatar(picture)).toMatchObject({ ok: false, code: 'avatar-invalid' });
  api.on('POST /api/avatars', () => ({ body: { id: 'picture' } }));
  api.on('PATCH /api/profile', ({ body }) => ({ body: { ...ANN, ...(body as object) } }));
  expect(await account.setAvatar(picture)).toMatchObject({ ok: true });
  expect(api.calls.filter(({ path }) => path === '/api/avatars').map(({ body }) => body)).toEqual([picture, picture]);
  expect(account.profile?.avatar).toBe('picture');
});

test('[ACCOUNT-8] a passkey is added under its name; what the browser refuses never reaches the server', async () => {
  const { api, account, passkeys } = setup();
  api.on('POST /api/passkeys/options', () => ({ body: { ceremony: 'c1', options: {} } }));
  api.on('POST /api/passkeys', ({ body }) => ({ body: { id: 'p1', createdAt: 1, usedAt: null, ...(body as object) } }));
  const cancelled = account.addPasskey('Phone', null);
  await eventually(() => expect(passkeys.waiting).toHaveLength(1));
  passkeys.cancel();
  expect(await cancelled).toMatchObject({ ok: false, code: 'cancelled' });
  expect(api.calls.map(({ path }) => path)).toEqual(['/api/passkeys/options']);
  const added = account.addPasskey('Phone', null);
  await eventually(() => expect(passkeys.waiting).toHaveLength(1));
  passkeys.waiting[0]!.settle({ ok: true, value: { id: 'credential' } });
  expect(await added).toMatchObject({ ok: true });
  expect(api.calls.at(-1)?.body).toEqual({ ceremony: 'c1', response: { id: 'credential' }, name: 'Phone' });
});

test('[ACCOUNT-9] sessions come with this device first, then by last use', async () => {
  const { api, account } = setup();
  const session = (id: string, usedAt: number, current = false) => ({ id, usedAt, current });
  api.on('GET /api/sessions', () => ({ body: [session('a', 3), session('b', 9), session('c', 1, true)] }));
  const answer = await account.sessions();
  expect(answer.ok && answer.value.map(({ id }) => id)).toEqual(['c', 'b', 'a']);
});

test('[ACCOUNT-6] the device is wiped only when the server has deleted the account', async () => {
  const { api, account, deletions } = setup();
  api.on('DELETE /api/account', () => ({ status: 401, body: { code: 'wrong-credentials' } }));
  expect(await account.delete('wrong', true)).toMatchObject({ ok: false, code: 'wrong-credentials' });
  expect(deletions()).toBe(0);
  api.on('DELETE /api/account', () => ({}));
  expect(await account.delete('right', true)).toMatchObject({ ok: true });
  expect(api.calls.at(-1)?.body).toEqual({ password: 'right', messages: true });
  expect(deletions()).toBe(1);
});
