// Bo writes in rooms of Ann, who has a phone that is pushed to; the clock is moved by hand.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import type { RoomKind } from '#protocol/entry-fields.ts';
import type { Entry } from '#protocol/entry.ts';
import type { UserId, RoomId, EntryId } from '#protocol/ids.ts';
import type { PersonalRoot } from '#protocol/personal.ts';
import { readPush, type PushedData } from '#protocol/push.ts';
import { RoomsSetup } from '../../rooms/testing/rooms-setup.ts';
import { PushNotices } from '../push-notices.ts';
import type { Push, PushOutcome } from '../push-sender.ts';
import { PushSubscriptions, type PushSubscription } from '../push-subscriptions.ts';

interface Sent {
  readonly session: string;
  readonly push: Push;
  readonly data: PushedData;
}

export const SOON_MS = 3_000;
export const TAKEN: PushOutcome = { kind: 'taken' };

/** Bo writes in Ann's room; Ann has a phone that is pushed to. */
export class PushSetup {
  readonly rooms: RoomsSetup;
  readonly sent: Sent[] = [];
  readonly blocked: UserId[] = [];
  readonly own = new Map<string, unknown>();
  readonly here = new Set<string>();
  readonly onScreen: [RoomId, 'here' | 'away'][] = [];
  outcome: PushOutcome = TAKEN;
  /** What happens as the person's own document is read, which each decision waits for. */
  onLook: () => Promise<unknown> = async () => undefined;
  /** What happens while a push is on its way. */
  onSend: (push: Push, signal?: AbortSignal) => Promise<unknown> = async () => undefined;
  subscriptions!: PushSubscriptions;
  notices!: PushNotices;
  ann!: UserId;
  bo!: UserId;
  room!: RoomId;

  constructor(rooms: RoomsSetup) {
    this.rooms = rooms;
  }

  async open(): Promise<void> {
    this.subscriptions = await PushSubscriptions.open(this.rooms.store.kv);
    this.notices = new PushNotices({
      kv: this.rooms.store.kv,
      timers: this.rooms.timers,
      rooms: this.rooms.rooms,
      personal: {
        look: async () => {
          await this.onLook();
          return (root: PersonalRoot, key: string) => this.own.get(`${root}/${key}`);
        }
      },
      blocked: { of: async () => this.blocked },
      subscriptions: this.subscriptions,
      sender: {
        send: async (to, push, signal) => {
          const { session } = to as PushSubscription;
          await this.onSend(push, signal);
          if (signal?.aborted) return { kind: 'later', afterMs: null };
          this.sent.push({ session, push, data: readPush(push.payload)! });
          return this.outcome;
        }
      },
      presentIn: () => new Map([[this.ann, this.onScreen]]),
      sessionsHere: () => this.here,
      nameOf: (user) => (user === this.bo ? 'Bo' : 'Ann'),
      serverName: 'Roost',
      log: { warn: (fields) => void this.rooms.errors.push(fields) }
    });
    this.rooms.rooms.subscribe(this.notices);
  }

  /** What was in memory is gone; the next process begins. */
  async crash(meanwhileMs = 0): Promise<void> {
    await this.notices.close();
    this.rooms.timers.advance(meanwhileMs);
    await this.rooms.crash();
    await this.open();
  }

  subscribe(session: string, content = false): Promise<boolean> {
    return this.subscriptions.put({
      ...{ user: this.ann, session, content, origin: 'https://chat.example.org', endpoint: `https://push/${session}` },
      ...{ p256dh: 'p', auth: session }
    });
  }

  async says(body: string, more: Partial<Entry> = {}, author = this.bo): Promise<EntryId> {
    const entry = this.rooms.message(author, body, more);
    expect(await this.rooms.rooms.append(entry, this.room)).toBeNull();
    return entry.id;
  }

  async acts(content: { readonly type: string; readonly [key: string]: unknown }, author = this.bo): Promise<EntryId> {
    const entry = this.rooms.entry(author, content);
    expect(await this.rooms.rooms.append(entry, this.room)).toBeNull();
    return entry.id;
  }

  /** What falls due within this time happens, to its end. */
  async after(ms: number): Promise<readonly Sent[]> {
    this.rooms.timers.advance(ms);
    for (let turns = 0; turns < 50; turns++) await nextTurn();
    return this.sent.splice(0);
  }

  set(root: PersonalRoot, key: string, value: unknown): void {
    this.own.set(`${root}/${key}`, value);
  }
}

export async function pushSetup(kind: RoomKind = 'private', level = 'all'): Promise<PushSetup> {
  const rooms = await RoomsSetup.start();
  const there = new PushSetup(rooms);
  onTestFinished(async () => {
    await there.notices.close();
    await rooms[Symbol.asyncDispose]();
    expect(rooms.errors).toEqual([]);
  });
  [there.ann, there.bo] = [rooms.user(), rooms.user()];
  there.room = await rooms.room(there.ann, kind, there.bo);
  await there.open();
  await there.subscribe('phone');
  there.set('preferences', 'notification-level', level);
  return there;
}
