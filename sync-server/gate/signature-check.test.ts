import { expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Entry } from '#protocol/entry.ts';
import type { UserId } from '#protocol/ids.ts';
import { CLOCK_AHEAD_MAX_MS } from '#protocol/limits.ts';
import { created, message } from './testing/entries.ts';
import { SigningDevice } from './testing/signing-device.ts';
import { messagesOf, NOW, ROOM, TestPage, userId } from './testing/test-page.ts';

const ANN = userId('ann');
const BEN = userId('ben');
const MALLORY = userId('mallory');

/** A public room with a device each of Ann and Ben. */
function setup() {
  const page = new TestPage();
  const ann = new SigningDevice(ANN);
  const ben = new SigningDevice(BEN);
  page.devices.set(ann.id, ann.key());
  page.devices.set(ben.id, ben.key());
  let asked = 0;
  /** @returns code by id; null: accepted, 'known': there already */
  const send = (sender: UserId, mustSign: boolean, ...entries: readonly Entry[]) => {
    const doc = new Y.Doc();
    doc.transact(() => messagesOf(doc).push([...entries]));
    const deviceKey = (id: string) => {
      asked += 1;
      return page.devices.get(id) ?? null;
    };
    const outcome = page.receive(Y.encodeStateAsUpdate(doc), sender, NOW, { mustSign, deviceKey });
    if (outcome.kind !== 'checked') throw new Error(JSON.stringify(outcome));
    return Object.fromEntries<string | null>([
      ...outcome.accepted.map(({ entry }): [string, null] => [entry.id, null]),
      ...outcome.refused.map(({ id, code }): [string, string] => [String(id), code]),
      ...outcome.known.map((id): [string, string] => [id, 'known'])
    ]);
  };
  expect(send(ANN, true, ann.sign(ROOM, created(ANN)))).toEqual({ 'created-the-room': null });
  return { page, ann, ben, send, asked: () => asked };
}

it('[PROOF-1] what a person writes at a browser is signed by a device of theirs in use', () => {
  const { page, ann, ben, send } = setup();
  const gone = new SigningDevice(ANN);
  page.devices.set(gone.id, gone.key({ revokedAt: NOW - 1 }));
  const stranger = new SigningDevice(ANN);
  expect(
    send(
      ANN,
      true,
      ann.sign(ROOM, message('signed', ANN)),
      message('unsigned', ANN),
      gone.sign(ROOM, message('revoked', ANN)),
      stranger.sign(ROOM, message('unknown', ANN)),
      ben.sign(ROOM, message('of-another', ANN)),
      ann.sign('S'.repeat(22), message('other-room', ANN)),
      { ...ann.sign(ROOM, message('edited', ANN)), body: 'something else' },
      { ...ann.sign(ROOM, message('backdated', ANN)), sentAt: NOW - 1 },
      { ...ann.sign(ROOM, message('renamed-id', ANN)), id: 'another-id' }
    )
  ).toEqual({
    signed__: null,
    unsigned: 'unsigned',
    revoked_: 'signature',
    unknown_: 'signature',
    'of-another': 'signature',
    'other-room': 'signature',
    edited__: 'signature',
    backdated: 'signature',
    'another-id': 'signature'
  });
});

it('[PROOF-2] a bot may leave its entries unsigned, but signs none falsely', () => {
  const { ann, send } = setup();
  expect(
    send(ANN, false, message('unsigned', ANN), ann.sign(ROOM, message('signed', ANN)), {
      ...ann.sign(ROOM, message('edited', ANN)),
      body: 'something else'
    })
  ).toEqual({ unsigned: null, signed__: null, edited__: 'signature' });
});

it('[PROOF-3] an entry of another is taken with the signature of a device of theirs, also one revoked since', () => {
  const { page, ann, ben, send } = setup();
  const gone = new SigningDevice(ANN);
  page.devices.set(gone.id, gone.key({ revokedAt: NOW - 1 }));
  const mallory = new SigningDevice(MALLORY);
  page.devices.set(mallory.id, mallory.key());
  for (const mustSign of [true, false]) {
    const id = (name: string): string => `${name}-${mustSign}`;
    expect(
      send(
        BEN,
        mustSign,
        ann.sign(ROOM, message(id('brought'), ANN)),
        gone.sign(ROOM, message(id('revoked'), ANN)),
        message(id('unsigned'), ANN),
        mallory.sign(ROOM, message(id('by-mallory'), ANN)),
        ben.sign(ROOM, message(id('by-bearer'), ANN)),
        { ...ann.sign(ROOM, message(id('edited'), ANN)), body: 'something else' }
      )
    ).toEqual({
      [id('brought')]: null,
      [id('revoked')]: null,
      [id('unsigned')]: 'author',
      [id('by-mallory')]: 'author',
      [id('by-bearer')]: 'author',
      [id('edited')]: 'author'
    });
  }
});

it('[PROOF-6] a key that was taken away writes nothing more, through nobody', () => {
  const { page, send } = setup();
  const stolen = new SigningDevice(ANN);
  const revokedAt = NOW - CLOCK_AHEAD_MAX_MS - 1;
  page.devices.set(stolen.id, stolen.key({ revokedAt }));
  const said = (id: string, sentAt: number) => stolen.sign(ROOM, { ...message(id, ANN), sentAt });
  expect(send(BEN, true, said('after-it', NOW), said('before-it', revokedAt))).toEqual({
    ...{ 'after-it': 'author', 'before-it': null }
  });
});

it('[PROOF-3] who brings an entry back gives its author no more rights than they have', () => {
  const { ann, ben, send } = setup();
  const madePrivate = { id: 'private-now', type: 'room', action: 'kind', kind: 'private', author: ANN, sentAt: NOW };
  expect(send(ANN, true, ann.sign(ROOM, madePrivate))).toEqual({ 'private-now': null });
  expect(send(ANN, true, ben.sign(ROOM, message('outsider', BEN)))).toEqual({ outsider: 'not-member' });
  expect(send(BEN, true, ann.sign(ROOM, message('carried', ANN)))).toEqual({ carried_: null });
});

it('[PROOF-4] an entry signed again by another device is the same entry; with other content its id is taken', () => {
  const { page, ann, send } = setup();
  const next = new SigningDevice(ANN);
  page.devices.set(next.id, next.key());
  expect(send(ANN, true, ann.sign(ROOM, message('again', ANN)))).toEqual({ again___: null });
  expect(send(ANN, true, next.sign(ROOM, message('again', ANN)))).toEqual({ again___: 'known' });
  expect(send(ANN, false, message('again', ANN))).toEqual({ again___: 'known' });
  expect(send(ANN, true, next.sign(ROOM, message('again', ANN, { body: 'other' })))).toEqual({ again___: 'id-taken' });
  expect(page.arrived.filter((id) => id === 'again___')).toHaveLength(1);
});

it('[PROOF-5] of one update at most 32 false signatures are looked at; unsigned entries of a bot still count', () => {
  const { ann, send, asked } = setup();
  const before = asked();
  const forged = Array.from({ length: 1_000 }, (_, at) => ({
    ...ann.sign(ROOM, message(`forged-${1_000 + at}`, ANN)),
    body: 'something else'
  }));
  const outcome = send(ANN, false, ...forged, message('unsigned', ANN), ann.sign(ROOM, message('too-late', ANN)));
  expect(Object.values(outcome).filter((code) => code === 'signature')).toHaveLength(1_001);
  expect(outcome).toMatchObject({ unsigned: null, 'too-late': 'signature' });
  // One look at each for its owner, and one more for those that were verified.
  expect(asked() - before).toBe(1_001 + 32);
});
