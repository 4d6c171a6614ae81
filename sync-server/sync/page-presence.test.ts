import { describe, expect, test } from 'vitest';
import { applyAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { PRESENCE_MAX_BYTES, PRESENCE_MAX_LISTED } from '#protocol/limits.ts';
import { presenceCount } from '#protocol/presence.ts';
import { PRESENCE_FLUSH_MS, PRESENCE_RENEW_MS } from './page-presence.ts';
import { userIdOf } from './testing/fake-authenticator.ts';
import { payloads, record, recordsOf, setupPresence, type Person } from './testing/presence-setup.ts';
import { readYMessage } from './y-message.ts';

describe('presence of a page', () => {
  test('a first change is told at once, the next ones together when a second is over', () => {
    const { timers, person } = setupPresence();
    const [ann, bo, cy] = [person('ann'), person('bo'), person('cy')];
    ann.say({ status: 'here' });
    expect(bo.sees()).toEqual([userIdOf('ann')]);
    ann.say({ typing: true });
    cy.say({ status: 'here' });
    ann.say({ status: 'away' });
    expect(bo.received).toHaveLength(1);
    timers.advance(PRESENCE_FLUSH_MS);
    expect(bo.received).toHaveLength(2);
    expect(bo.awareness.getStates().get(ann.awareness.clientID)).toEqual({
      status: 'away',
      user: { id: userIdOf('ann') }
    });
    expect(bo.sees().sort()).toEqual([userIdOf('ann'), userIdOf('cy')]);
  });

  test('[PRES-3] nobody gets their own state back', () => {
    const { timers, person } = setupPresence();
    const [ann, bo] = [person('ann'), person('bo')];
    ann.say({ status: 'here' });
    bo.say({ status: 'here' });
    timers.advance(10 * PRESENCE_RENEW_MS);
    expect(ann.awareness.getLocalState()).toEqual({ status: 'here' });
    expect(ann.received.length).toBeGreaterThan(5);
    for (const message of ann.received) {
      const read = readYMessage(message);
      expect(read).toMatchObject({ kind: 'awareness' });
      const ids = read?.kind === 'awareness' ? read.records.map(({ clientId }) => clientId) : [];
      expect(ids).not.toContain(ann.awareness.clientID);
    }
  });

  test('[PRES-1] the server says who somebody is, whatever they claim', () => {
    const { person } = setupPresence();
    const [eve, bo] = [person('eve'), person('bo')];
    eve.say({ user: { id: userIdOf('ann'), name: 'Ann' }, status: 'here' });
    expect(bo.awareness.getStates().get(eve.awareness.clientID)).toEqual({
      status: 'here',
      user: { id: userIdOf('eve') }
    });
  });

  test("[PRES-2] a state under somebody else's awareness id is ignored, their goodbye too", () => {
    const { timers, person, speak } = setupPresence();
    const [ann, eve, bo] = [person('ann'), person('eve'), person('bo')];
    ann.say({ status: 'here' });
    const annId = ann.awareness.clientID;
    expect(speak(eve.seat, [record(annId, 99, null)])).toBe(false);
    expect(speak(eve.seat, [record(annId, 100, { status: 'away' }), record(4_242, 1, {})])).toBe(false);
    timers.advance(PRESENCE_RENEW_MS);
    expect(bo.awareness.getStates().get(annId)).toMatchObject({ status: 'here' });
    expect([...bo.awareness.getStates().keys()]).toEqual([annId]);
  });

  test('who joins is told of all at once, who leaves is gone for all', () => {
    const { timers, page, person } = setupPresence();
    const [ann, bo] = [person('ann'), person('bo')];
    ann.say({ status: 'here' });
    bo.say({ status: 'here' });
    timers.advance(PRESENCE_FLUSH_MS);
    const cy = person('cy');
    expect(cy.sees()).toEqual([userIdOf('ann'), userIdOf('bo')]);
    expect(cy.received).toHaveLength(1);
    page.leave(ann.seat);
    timers.advance(PRESENCE_FLUSH_MS);
    expect(cy.sees()).toEqual([userIdOf('bo')]);
    expect([...page.users()]).toEqual([userIdOf('bo')]);
  });

  test('a background page has a null state and is not present', () => {
    const { timers, page, person } = setupPresence();
    const [ann, bo] = [person('ann'), person('bo')];
    ann.say({ status: 'here' });
    ann.say(null);
    timers.advance(PRESENCE_FLUSH_MS);
    expect(bo.sees()).toEqual([]);
    expect([...page.users()]).toEqual([]);
  });

  test('a client that comes back sees the others though it kept their clocks', () => {
    const { timers, page, person } = setupPresence();
    const doc = new Y.Doc();
    const [ann, bot] = [person('ann'), person('bot', doc)];
    ann.say({ status: 'here' });
    // The stock provider forgets all states, but not their clocks, when its line breaks.
    const { awareness } = bot;
    page.leave(bot.seat);
    for (const id of [...awareness.getStates().keys()]) awareness.states.delete(id);
    const seat = page.joinStock(userIdOf('bot'), (message) =>
      applyAwarenessUpdate(awareness, payloads(message)[0]!, 0)
    );
    page.tell(seat);
    expect(bot.sees()).toEqual([userIdOf('ann')]);
    timers.advance(1);
  });

  test('renewed clocks keep all states from expiring, one frame for each receiver', () => {
    const { timers, person } = setupPresence();
    const people = ['ann', 'bo', 'cy'].map((name) => person(name));
    for (const { say } of people) say({ status: 'here' });
    timers.advance(PRESENCE_FLUSH_MS);
    const before = people.map(({ received }) => received.length);
    timers.advance(60_000);
    const renewals = Math.floor(60_000 / PRESENCE_RENEW_MS);
    people.forEach(({ received }, at) => expect(received.length - before[at]!).toBe(renewals));
    // Receivers forget a state 30 s after its last newer clock; two renewals fit into that.
    expect(2 * PRESENCE_RENEW_MS + PRESENCE_FLUSH_MS).toBeLessThan(30_000);
    const clocks = people[0]!.received.flatMap((message) => {
      const read = readYMessage(message);
      return read?.kind === 'awareness' ? read.records.map(({ clientId, clock }) => ({ clientId, clock })) : [];
    });
    for (const id of new Set(clocks.map(({ clientId }) => clientId))) {
      const ofId = clocks.filter(({ clientId }) => clientId === id).map(({ clock }) => clock);
      expect(ofId).toEqual([...new Set(ofId)].sort((a, b) => a - b));
    }
  });

  test('a renewal by a client that changes nothing makes no frame', () => {
    const { timers, person } = setupPresence();
    const [ann, bo] = [person('ann'), person('bo')];
    ann.say({ status: 'here' });
    const before = bo.received.length;
    ann.say({ status: 'here' });
    timers.advance(PRESENCE_FLUSH_MS * 2);
    expect(bo.received).toHaveLength(before);
  });

  test('a state that is too large or not an object is not taken, the one before stands', () => {
    const { timers, person, speak } = setupPresence();
    const [ann, bo] = [person('ann'), person('bo')];
    ann.say({ status: 'here' });
    const id = ann.awareness.clientID;
    expect(speak(ann.seat, [record(id, 50, { note: 'x'.repeat(PRESENCE_MAX_BYTES) })])).toBe(false);
    for (const state of [[], 'here', 5]) expect(speak(ann.seat, [record(id, 51, state)])).toBe(false);
    expect(speak(ann.seat, [{ clientId: id, clock: 52, json: Uint8Array.of(0xff, 0x7b) }])).toBe(false);
    timers.advance(PRESENCE_FLUSH_MS);
    expect(bo.awareness.getStates().get(id)).toMatchObject({ status: 'here' });
    expect(speak(ann.seat, [record(id, 53, { status: 'away' })])).toBe(true);
  });
});

describe('[PRIV-3] who keeps back that they type', () => {
  test('is told of as here and not typing, from then on, and told of again once they share it', () => {
    const { timers, person, keepBack } = setupPresence();
    const [ann, bo] = [person('ann'), person('bo')];
    ann.say({ status: 'here', typing: true });
    expect(bo.seesTyping()).toEqual([userIdOf('ann')]);
    keepBack('ann', true);
    timers.advance(PRESENCE_FLUSH_MS);
    expect([bo.sees(), bo.seesTyping()]).toEqual([[userIdOf('ann')], []]);
    const frames = bo.received.length;
    for (const typing of [false, true, false, true]) {
      ann.say({ status: 'here', ...(typing && { typing }) });
      timers.advance(PRESENCE_FLUSH_MS);
    }
    // Not even when.
    expect(bo.received).toHaveLength(frames);
    expect(new TextDecoder().decode(bo.received.at(-1))).not.toContain('typing');
    keepBack('ann', false);
    timers.advance(PRESENCE_FLUSH_MS);
    expect(bo.seesTyping()).toEqual([userIdOf('ann')]);
  });

  test('is not told who types either, nor when; who joins so neither', () => {
    const { timers, person, keepBack } = setupPresence();
    keepBack('bo', true);
    const [ann, bo, cy] = [person('ann'), person('bo'), person('cy')];
    ann.say({ status: 'here' });
    timers.advance(PRESENCE_FLUSH_MS);
    const frames = bo.received.length;
    ann.say({ status: 'here', typing: true });
    timers.advance(PRESENCE_FLUSH_MS);
    expect([cy.seesTyping(), bo.seesTyping()]).toEqual([[userIdOf('ann')], []]);
    expect(bo.received).toHaveLength(frames);
    expect([person('bo').sees(), person('bo').seesTyping()]).toEqual([[userIdOf('ann')], []]);
    keepBack('bo', false);
    expect(bo.seesTyping()).toEqual([userIdOf('ann')]);
    keepBack('bo', true);
    expect([bo.sees(), bo.seesTyping()]).toEqual([[userIdOf('ann')], []]);
    timers.advance(2 * PRESENCE_RENEW_MS);
    expect([bo.sees(), bo.seesTyping()]).toEqual([[userIdOf('ann')], []]);
  });

  test('on a crowded page is one of the count, and sees the count alone', () => {
    const { timers, person, keepBack } = setupPresence();
    const people = Array.from({ length: PRESENCE_MAX_LISTED + 1 }, (_, at) => person(`p${at}`));
    const [ann, bo, cy] = people as [Person, Person, Person];
    keepBack('p0', true);
    for (const { say } of people) say({ status: 'here' });
    timers.advance(PRESENCE_FLUSH_MS);
    for (const { say } of [ann, bo]) say({ status: 'here', typing: true });
    timers.advance(PRESENCE_FLUSH_MS);
    expect([cy.sees(), ann.sees()]).toEqual([[userIdOf('p1')], []]);
    const counts = [...ann.awareness.getStates().values()].map(presenceCount);
    expect(counts).toContain(people.length);
    keepBack('p0', false);
    timers.advance(PRESENCE_FLUSH_MS);
    expect([cy.sees().sort(), ann.sees()]).toEqual([[userIdOf('p0'), userIdOf('p1')], [userIdOf('p1')]]);
    keepBack('p0', true);
    expect(ann.sees()).toEqual([]);
  });
});

describe('stock clients', () => {
  test("the first id that one uses is its own from then on, and it cannot take another's", () => {
    const { timers, page, person, speak } = setupPresence();
    const ann = person('ann');
    ann.say({ status: 'here' });
    const bot = person('bot', new Y.Doc());
    expect(speak(bot.seat, [record(ann.awareness.clientID, 5, { status: 'away' })])).toBe(false);
    expect(bot.seat.awarenessId).toBeNull();
    bot.say({ status: 'here' });
    expect(bot.seat.awarenessId).toBe(bot.awareness.doc.clientID);
    expect(speak(bot.seat, [record(777, 1, { status: 'here' })])).toBe(false);
    timers.advance(PRESENCE_FLUSH_MS);
    expect(ann.sees()).toEqual([userIdOf('bot')]);
    expect(page.users().size).toBe(2);
  });

  test('the echo of a person who just left does not bring them back to life', () => {
    const { timers, page, person, speak } = setupPresence();
    const [ann, bo, bot] = [person('ann'), person('bo'), person('bot', new Y.Doc())];
    ann.say({ status: 'here' });
    const annId = ann.awareness.clientID;
    const echo = recordsOf(bot.awareness, [annId]);
    page.leave(ann.seat);
    expect(speak(bot.seat, echo)).toBe(false);
    timers.advance(PRESENCE_RENEW_MS);
    expect(bo.sees()).toEqual([]);
  });

  test('one that comes back before its old line was given up has its id again, another person does not', () => {
    const { timers, person, speak } = setupPresence();
    const bo = person('bo');
    const doc = new Y.Doc();
    const old = person('bot', doc);
    old.say({ status: 'here' });
    const thief = person('eve', new Y.Doc());
    expect(speak(thief.seat, [record(doc.clientID, 9, { status: 'away' })])).toBe(false);
    const back = person('bot', doc);
    back.say({ status: 'away' });
    timers.advance(PRESENCE_FLUSH_MS);
    expect(bo.awareness.getStates().get(doc.clientID)).toMatchObject({ status: 'away', user: { id: userIdOf('bot') } });
    expect(old.seat.awarenessId).toBeNull();
  });
});

describe('a crowded page', () => {
  const MANY = 60;

  test('[PRES-4] n people cost O(n) frames of bounded size, not O(n²)', () => {
    const { timers, person } = setupPresence();
    const people = Array.from({ length: MANY }, (_, at) => person(`p${at}`));
    timers.advance(PRESENCE_FLUSH_MS);
    const atStart = people.map(({ received }) => received.length);
    for (const { say } of people) say({ status: 'here' });
    timers.advance(PRESENCE_FLUSH_MS);
    for (const { say } of people) say({ typing: true });
    timers.advance(PRESENCE_FLUSH_MS);
    for (const { say } of people) say({ status: 'away' });
    timers.advance(PRESENCE_FLUSH_MS);
    // 3 rounds of 60 changes; the very first change went out by itself.
    const frames = people.reduce((sum, { received }, at) => sum + received.length - atStart[at]!, 0);
    expect(frames).toBeLessThanOrEqual(4 * MANY);

    const bytesBefore = people.reduce((sum, { received }) => sum + byteLength(received), 0);
    timers.advance(10 * PRESENCE_RENEW_MS);
    const renewed = people.reduce((sum, { received }) => sum + byteLength(received), 0) - bytesBefore;
    // Nobody types: each renewal is the count alone.
    expect(renewed / (10 * MANY)).toBeLessThan(40);
  });

  test('above the bound there are a count and who types, below it all are listed again', () => {
    const { timers, page, person } = setupPresence();
    const people = Array.from({ length: PRESENCE_MAX_LISTED + 1 }, (_, at) => person(`p${at}`));
    for (const { say } of people) say({ status: 'here' });
    const watcher = person('watcher');
    timers.advance(PRESENCE_FLUSH_MS);
    const counts = () => [...watcher.awareness.getStates().values()].flatMap((state) => presenceCount(state) ?? []);
    expect(counts()).toEqual([PRESENCE_MAX_LISTED + 1]);
    expect(watcher.sees()).toEqual([]);

    people[7]!.say({ typing: true });
    timers.advance(PRESENCE_FLUSH_MS);
    expect(watcher.sees()).toEqual([userIdOf('p7')]);
    people[7]!.say({ status: 'here' });
    timers.advance(PRESENCE_FLUSH_MS);
    expect(watcher.sees()).toEqual([]);
    expect(page.users().size).toBe(PRESENCE_MAX_LISTED + 1);

    people.slice(0, 5).forEach(({ seat }) => page.leave(seat));
    timers.advance(PRESENCE_FLUSH_MS);
    expect(counts(), 'just below the bound it stays a count').toEqual([PRESENCE_MAX_LISTED - 4]);
    people.slice(5, 15).forEach(({ seat }) => page.leave(seat));
    timers.advance(PRESENCE_FLUSH_MS);
    expect(counts()).toEqual([]);
    expect(watcher.sees()).toHaveLength(PRESENCE_MAX_LISTED - 14);
  });

  test('one person on several devices counts once', () => {
    const { timers, person } = setupPresence();
    const people = Array.from({ length: MANY }, (_, at) => person(`p${Math.floor(at / 2)}`));
    for (const { say } of people) say({ status: 'here' });
    const watcher = person('watcher');
    timers.advance(PRESENCE_FLUSH_MS);
    expect([...watcher.awareness.getStates().values()].map(presenceCount)).toEqual([MANY / 2]);
  });
});

test('an empty page keeps no timer', () => {
  const { timers, page, person } = setupPresence();
  const [ann, bo] = [person('ann'), person('bo')];
  ann.say({ status: 'here' });
  ann.say({ status: 'away' });
  page.leave(ann.seat);
  page.leave(bo.seat);
  expect(timers.pending).toBe(0);
  expect(page.isEmpty).toBe(true);
});

const byteLength = (messages: readonly Uint8Array[]): number => messages.reduce((sum, { length }) => sum + length, 0);
