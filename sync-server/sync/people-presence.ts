// Whether people are here, wherever in the app, told to those who have them on their screen: once a round to each, with
// what has changed of up to PEOPLE_WATCHED_MAX people, so that n people cost O(n) messages.
// Invariant: somebody shows only to who is in, or invited to, a room that they are in; when they were here last, only
// where neither keeps that back.

import type { ServerMessage } from '#protocol/control.ts';
import type { UserId } from '#protocol/ids.ts';
import type { LastSeen } from '../accounts/last-seen.ts';
import type { Session } from '../accounts/session.ts';
import type { PrivacyChoices } from '../personal/privacy-choices.ts';
import type { RoomService } from '../rooms/room-service.ts';
import type { Timers } from '../timers.ts';
import type { SyncLog } from './sync-contract.ts';

/** Who loses the line for a moment and comes back within it has not been away. */
export const PRESENCE_ROUND_MS = 2_000;

type Status = 'here' | 'away' | 'gone';

/** A connection with a control channel. */
export interface PresenceReader {
  readonly session: Session;
  notify(message: ServerMessage): void;
}

interface Watcher {
  wanted: ReadonlySet<UserId>;
  /** Of the wanted, those who show to this reader. */
  readonly shown: Set<UserId>;
  changed: Set<UserId>;
  /** Of whom it has to be looked up whether they show. */
  unsure: Set<UserId>;
  cancelRound: (() => void) | null;
}

export interface PeoplePresenceDeps {
  readonly rooms: Pick<RoomService, 'sharingRoom'>;
  readonly privacy: Pick<PrivacyChoices, 'of'>;
  readonly lastSeen: Pick<LastSeen, 'note' | 'of'>;
  readonly timers: Timers;
  readonly log: SyncLog;
}

export class PeoplePresence {
  readonly #deps: PeoplePresenceDeps;
  readonly #statuses = new Map<UserId, Map<PresenceReader, 'here' | 'away'>>();
  readonly #watchers = new Map<PresenceReader, Watcher>();
  readonly #watchersOf = new Map<UserId, Set<PresenceReader>>();
  /** What is being written of who went. */
  readonly #noting = new Set<Promise<void>>();
  #closed = false;

  constructor(deps: PeoplePresenceDeps) {
    this.#deps = deps;
  }

  /** @param status null: the connection is over */
  set(reader: PresenceReader, status: 'here' | 'away' | null): void {
    const user = reader.session.user.id;
    const before = this.#status(user);
    const ofUser = this.#statuses.get(user) ?? new Map<PresenceReader, 'here' | 'away'>();
    if (status === null) ofUser.delete(reader);
    else ofUser.set(reader, status);
    if (ofUser.size === 0) this.#statuses.delete(user);
    else this.#statuses.set(user, ofUser);
    const after = this.#status(user);
    if (after === before) return;
    if (before === 'here') this.#note(user);
    this.#changed(user);
  }

  /** Sessions of the person with which they are at a device now. */
  sessionsHere(user: UserId): ReadonlySet<Session['id']> {
    const ofUser = [...(this.#statuses.get(user) ?? [])];
    return new Set(ofUser.flatMap(([{ session }, status]) => (status === 'here' ? [session.id] : [])));
  }

  /** From here on the reader hears of these people, as far as they show to it, and of no others. */
  watch(reader: PresenceReader, users: readonly UserId[]): void {
    const before = this.#watchers.get(reader);
    for (const user of before?.wanted ?? []) {
      const of = this.#watchersOf.get(user);
      of?.delete(reader);
      if (of?.size === 0) this.#watchersOf.delete(user);
    }
    if (users.length === 0) {
      before?.cancelRound?.();
      this.#watchers.delete(reader);
      return;
    }
    const wanted = new Set(users);
    for (const user of wanted) {
      const of = this.#watchersOf.get(user);
      if (of) of.add(reader);
      else this.#watchersOf.set(user, new Set([reader]));
    }
    const watcher: Watcher = { wanted, shown: new Set(), changed: new Set(), unsure: new Set(), cancelRound: null };
    before?.cancelRound?.();
    this.#watchers.set(reader, watcher);
    void this.#look(reader, watcher, users);
  }

  remove(reader: PresenceReader): void {
    this.watch(reader, []);
    this.set(reader, null);
  }

  /** Who shows to whom may be another now: this person came into a room or went, or lets others know other things. */
  concerns(user: UserId): void {
    for (const reader of this.#watchersOf.get(user) ?? []) this.#again(reader, [user]);
    for (const [reader, { wanted }] of this.#watchers) {
      if (reader.session.user.id === user) this.#again(reader, wanted);
    }
  }

  /** What is known of all who are here is written. */
  async close(): Promise<void> {
    for (const { cancelRound } of this.#watchers.values()) cancelRound?.();
    for (const user of this.#statuses.keys()) if (this.#status(user) === 'here') this.#note(user);
    this.#closed = true;
    await Promise.all(this.#noting);
  }

  #status(user: UserId): Status {
    const statuses = [...(this.#statuses.get(user)?.values() ?? [])];
    return statuses.includes('here') ? 'here' : statuses.length > 0 ? 'away' : 'gone';
  }

  #note(user: UserId): void {
    if (this.#closed) return;
    const { lastSeen, timers, log } = this.#deps;
    const noting = lastSeen.note(user, timers.nowMs()).catch((error: unknown) => {
      log.warn({ user, err: error }, 'when a person was here last could not be kept');
    });
    this.#noting.add(noting);
    void noting.finally(() => this.#noting.delete(noting));
  }

  #changed(user: UserId): void {
    for (const reader of this.#watchersOf.get(user) ?? []) {
      const watcher = this.#watchers.get(reader)!;
      if (!watcher.shown.has(user)) continue;
      watcher.changed.add(user);
      this.#plan(reader, watcher);
    }
  }

  #again(reader: PresenceReader, users: Iterable<UserId>): void {
    const watcher = this.#watchers.get(reader);
    if (!watcher) return;
    for (const user of users) watcher.unsure.add(user);
    this.#plan(reader, watcher);
  }

  #plan(reader: PresenceReader, watcher: Watcher): void {
    watcher.cancelRound ??= this.#deps.timers.after(PRESENCE_ROUND_MS, () => {
      watcher.cancelRound = null;
      const { changed, unsure } = watcher;
      watcher.changed = new Set();
      watcher.unsure = new Set();
      if (unsure.size > 0) void this.#look(reader, watcher, [...new Set([...unsure, ...changed])]);
      else void this.#tell(reader, watcher, [...changed]);
    });
  }

  /** Finds out who of these shows to the reader, and tells of them. Never rejects. */
  async #look(reader: PresenceReader, watcher: Watcher, users: readonly UserId[]): Promise<void> {
    try {
      const shown = await this.#deps.rooms.sharingRoom(reader.session.user.id, users);
      for (const user of users) {
        if (shown.has(user)) watcher.shown.add(user);
        else watcher.shown.delete(user);
      }
    } catch (error) {
      for (const user of users) watcher.shown.delete(user);
      this.#deps.log.warn({ user: reader.session.user.id, err: error }, 'presence could not be looked up');
    }
    await this.#tell(reader, watcher, users);
  }

  /** Never rejects. */
  async #tell(reader: PresenceReader, watcher: Watcher, users: readonly UserId[]): Promise<void> {
    const { privacy, lastSeen, log } = this.#deps;
    const me = reader.session.user.id;
    const gone = users.filter((user) => watcher.shown.has(user) && this.#status(user) === 'gone');
    let seen: ReadonlyMap<UserId, number> = new Map();
    try {
      await Promise.all(this.#noting);
      if (privacy.of(me).lastSeen) seen = await lastSeen.of(gone);
    } catch (error) {
      log.warn({ user: me, err: error }, 'when people were here last could not be read');
    }
    if (this.#watchers.get(reader) !== watcher || users.length === 0) return;
    // As it is now: some may have come back while the disk was asked.
    const people = users.map((user) => {
      const status = watcher.shown.has(user) ? this.#status(user) : 'gone';
      return { user, status, seenAt: status === 'gone' && watcher.shown.has(user) ? (seen.get(user) ?? null) : null };
    });
    reader.notify({ type: 'presence', people });
  }
}
