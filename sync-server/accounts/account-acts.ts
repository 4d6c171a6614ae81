// What is done to a whole account: suspending it, making it an administrator's, deleting it, with all that hangs on
// it. Used by its person and by administrators.
// Invariant: a deletion that was begun is finished, after a crash at the next start: what is left to do is written in
// the batch that deletes the account.

import * as v from 'valibot';
import { newEntryId, type UserId } from '#protocol/ids.ts';
import type { PersonalDocuments } from '../personal/personal-documents.ts';
import type { RoomService } from '../rooms/room-service.ts';
import type { ScheduledEntries } from '../scheduled/scheduled-entries.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { ALL_ENDINGS, endingKey } from './account-keys.ts';
import type { Account, Accounts } from './accounts.ts';
import type { DeviceKeys } from './device-keys.ts';
import type { Recovery } from './recovery.ts';
import type { Sessions } from './sessions.ts';

const endingRecord = v.object({ messages: v.boolean() });

/** What records of a person begin with. */
const ERASED_UNDER = [
  'account',
  'avatar',
  'blob',
  'blocked',
  'device',
  'due',
  'mention',
  'own',
  'personal',
  'privacy',
  'push',
  'read',
  'receipt',
  'recovery',
  'report',
  'said',
  'scheduled',
  'seen',
  'session',
  'upload'
];

/** null: there is no such account. */
export type ActOutcome = Account | 'last-administrator' | null;

export interface AccountActsDeps {
  readonly kv: KeyValue;
  readonly accounts: Accounts;
  readonly devices: DeviceKeys;
  readonly sessions: Sessions;
  readonly recovery: Recovery;
  readonly rooms: Pick<RoomService, 'joined' | 'append' | 'eraseMessagesOf' | 'receiptErasure'>;
  readonly personal: Pick<PersonalDocuments, 'erase'>;
  readonly scheduled: Pick<ScheduledEntries, 'erase'>;
  /** What they have brought that no message names. May be done again. */
  readonly eraseFiles: (user: UserId) => Promise<void>;
  /** What else is kept of a person: how it is erased. */
  readonly erasures: readonly ((user: UserId) => Promise<Operation[]>)[];
  /** Epoch ms. */
  readonly now: () => number;
}

export class AccountActs {
  readonly #deps: AccountActsDeps;

  constructor(deps: AccountActsDeps) {
    this.#deps = deps;
  }

  /** Their sessions end, bearer tokens too. @param also written in the same batch, as in all of these */
  async suspend(user: UserId, also: readonly Operation[] = []): Promise<ActOutcome> {
    const { accounts, sessions, scheduled } = this.#deps;
    const outcome = await accounts.setSuspended(user, true, also);
    if (!outcome || outcome === 'last-administrator') return outcome;
    await sessions.endAll(user, 'suspended');
    // Nothing is sent in the name of who may not write.
    await scheduled.erase(user);
    return outcome;
  }

  resume(user: UserId, also: readonly Operation[] = []): Promise<ActOutcome> {
    return this.#deps.accounts.setSuspended(user, false, also);
  }

  setAdmin(user: UserId, admin: boolean, also: readonly Operation[] = []): Promise<ActOutcome> {
    return this.#deps.accounts.setAdmin(user, admin, also);
  }

  /**
   * For good: profile, credentials and sessions go at once; then the person leaves their rooms. Settles when all is
   * done; what a crash leaves over is finished by `finish`.
   * @param messages erase all that they wrote, too
   */
  async delete(user: UserId, messages: boolean, also: readonly Operation[] = []): Promise<ActOutcome> {
    const { accounts, recovery, erasures } = this.#deps;
    const erased = await Promise.all([recovery.erasure(user), ...erasures.map((erasure) => erasure(user))]);
    const ending: Operation = { type: 'put', key: endingKey(user), value: encodeStored({ messages }) };
    const outcome = await accounts.delete(user, messages, [...erased.flat(), ending, ...also]);
    if (outcome && outcome !== 'last-administrator') await this.#finish(user, messages);
    return outcome;
  }

  /** At each start: what was begun before a crash. */
  async finish(): Promise<void> {
    const { kv } = this.#deps;
    const begun: [user: UserId, messages: boolean][] = [];
    for await (const [key, value] of kv.range(ALL_ENDINGS)) {
      begun.push([key.slice(key.indexOf('/') + 1), decodeStored(endingRecord, key, value).messages]);
    }
    for (const [user, messages] of begun) await this.#finish(user, messages);
  }

  /** Each step may be done twice. */
  async #finish(user: UserId, messages: boolean): Promise<void> {
    const { kv, devices, sessions, rooms, personal, scheduled, eraseFiles, now } = this.#deps;
    await sessions.endAll(user, 'deleted');
    // Not before: an open device might write it anew.
    await personal.erase(user);
    await scheduled.erase(user);
    await eraseFiles(user);
    await devices.forgetLabels(user);
    for (const { id } of await rooms.joined(user)) {
      const sentAt = now();
      // Refused where nobody leaves, as a room of two people: there they stay as a person without a name.
      await rooms.append({ id: newEntryId(sentAt), type: 'membership', action: 'left', author: user, sentAt }, id);
    }
    // Where they stay, a device that was still connected may have told of its reading while the account was erased.
    await kv.batch(await rooms.receiptErasure(user), { sync: true });
    if (messages) await rooms.eraseMessagesOf(user);
    await kv.batch([{ type: 'del', key: endingKey(user) }], { sync: true });
    // The bytes of what was kept of them, not the records alone.
    for (const prefix of ERASED_UNDER) await kv.compactRange(prefix, `${prefix}~`);
  }
}
