// The pictures of people and rooms, named by their content.
// Invariants: what is stored is one small square picture without metadata; a person keeps a bounded number of them, so
// the server is no host of files; what nobody shows is taken away after a week, in which an entry that was written
// offline may still arrive.

import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { AvatarId, UserId } from '#protocol/ids.ts';
import { AVATAR_MAX_BYTES, AVATAR_MAX_PX } from '#protocol/limits.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { ALL_AVATAR_OWNERS, avatarKey, avatarOfKey } from './account-keys.ts';
import type { Accounts } from './accounts.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { readStillWebp } from './webp.ts';

const AVATARS_PER_PERSON = 40;
const AVATAR_UNUSED_KEPT_MS = 7 * 24 * 3_600_000;

/** Brought the pictures of those who have gone. */
const NOBODY = '-';

const ownerRecord = v.object({ at: v.number(), bytes: v.number() });

interface Owned {
  readonly user: UserId;
  readonly id: AvatarId;
  /** When it was brought, epoch ms. */
  readonly at: number;
  readonly bytes: number;
}

export type AvatarOutcome =
  { readonly ok: true; readonly id: AvatarId } | { readonly ok: false; readonly detail: string };

export interface AvatarsDeps {
  readonly kv: KeyValue;
  readonly accounts: Accounts;
  /** Pictures that rooms show now. */
  readonly ofRooms: () => Promise<ReadonlySet<AvatarId>>;
  /** Epoch ms. */
  readonly now: () => number;
}

export class Avatars {
  readonly #deps: AvatarsDeps;
  readonly #writing = new OneAtATime();

  constructor(deps: AvatarsDeps) {
    this.#deps = deps;
  }

  /** WebP, or null: there is none. */
  async read(id: AvatarId): Promise<Uint8Array | null> {
    return (await this.#deps.kv.get(avatarKey(id))) ?? null;
  }

  /** The same picture again is success. */
  async store(user: UserId, file: Uint8Array): Promise<AvatarOutcome> {
    const picture = file.length > AVATAR_MAX_BYTES ? null : readStillWebp(file);
    if (!picture || picture.width !== picture.height || picture.width < 1 || picture.width > AVATAR_MAX_PX) {
      return {
        ok: false,
        detail: `A picture is one still, square WebP of at most ${AVATAR_MAX_PX} pixels a side and ${AVATAR_MAX_BYTES / 1024} KiB.`
      };
    }
    const { bytes } = picture;
    const id = createHash('sha256').update(bytes).digest().subarray(0, 16).toString('base64url');
    return this.#writing.run(async () => {
      const all = await this.#owned();
      const mine = all.filter((owned) => owned.user === user && owned.id !== id);
      const freed: Operation[] = [];
      if (mine.length >= AVATARS_PER_PERSON) {
        const shown = await this.#shown(null);
        const unused = mine.filter((owned) => !shown.has(owned.id)).sort((a, b) => a.at - b.at);
        const [oldest] = unused;
        if (!oldest) return { ok: false, detail: 'You have too many pictures in use. Take one away first.' };
        freed.push(...removal([oldest], all, shown));
      }
      const owner = encodeStored({ at: this.#deps.now(), bytes: bytes.length });
      await this.#deps.kv.batch(
        [
          ...freed,
          { type: 'put', key: avatarKey(id), value: bytes },
          { type: 'put', key: avatarOfKey(user, id), value: owner }
        ],
        { sync: true }
      );
      return { ok: true, id };
    });
  }

  /** What all of them take, each counted once. */
  async bytes(): Promise<number> {
    const sizes = new Map((await this.#owned()).map(({ id, bytes }) => [id, bytes]));
    return [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Does what shows a picture, unless it is not there; it is not taken away meanwhile. */
  async show<Result>(id: AvatarId, work: () => Promise<Result>): Promise<Result | 'absent'> {
    return this.#writing.run(async () => ((await this.read(id)) ? work() : 'absent'));
  }

  /** Takes away what nobody has shown for a week. */
  async collect(): Promise<void> {
    await this.#writing.run(async () => {
      const all = await this.#owned();
      const shown = await this.#shown(null);
      const before = this.#deps.now() - AVATAR_UNUSED_KEPT_MS;
      const unused = all.filter(({ id, at }) => at <= before && !shown.has(id));
      if (unused.length > 0) await this.#deps.kv.batch(removal(unused, all, shown), { sync: true });
    });
  }

  /** What goes with the account: pictures that nobody else shows or has brought. */
  async erasure(user: UserId): Promise<Operation[]> {
    const all = await this.#owned();
    return removal(
      all.filter((owned) => owned.user === user),
      all,
      await this.#shown(user)
    );
  }

  /** @param except whose profile does not count */
  async #shown(except: UserId | null): Promise<Set<AvatarId>> {
    const shown = new Set(await this.#deps.ofRooms());
    for (const { id, avatar } of this.#deps.accounts.all()) if (avatar !== null && id !== except) shown.add(avatar);
    return shown;
  }

  async #owned(): Promise<Owned[]> {
    const owned: Owned[] = [];
    for await (const [key, value] of this.#deps.kv.range(ALL_AVATAR_OWNERS)) {
      const [, user, id] = key.split('/') as [string, string, string];
      owned.push({ user, id, ...decodeStored(ownerRecord, key, value) });
    }
    return owned;
  }
}

/**
 * Takes pictures from whoever brought them, and the files that then nobody has brought or shows. What is shown still is
 * nobody's from then on, so that it goes once it is not shown any more.
 */
function removal(gone: readonly Owned[], all: readonly Owned[], shown: ReadonlySet<AvatarId>): Operation[] {
  const left = new Set(all.filter((owned) => !gone.includes(owned)).map(({ id }) => id));
  const alone = new Map(gone.filter(({ id }) => !left.has(id)).map((owned) => [owned.id, owned]));
  return [
    ...gone.map(({ user, id }): Operation => ({ type: 'del', key: avatarOfKey(user, id) })),
    ...[...alone.values()].map(({ id, at, bytes }): Operation => {
      if (!shown.has(id)) return { type: 'del', key: avatarKey(id) };
      return { type: 'put', key: avatarOfKey(NOBODY, id), value: encodeStored({ at, bytes }) };
    })
  ];
}
