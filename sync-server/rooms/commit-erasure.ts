// What one commit takes away for good: content of pages that are being written, of pages that were sealed before, and all
// that goes with it. Invariant: it is in the same batch as the entries that want it, and each page is rewritten once.

import type { EntryId } from '#protocol/ids.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import type { PageRevision } from './change-sequence.ts';
import type { CommitDraft } from './commit-draft.ts';
import { encodeBase } from './committed-page.ts';
import { baseKey, erasedKey, lateOf, sealedKey, unreadOfPerson, voteOfKey, votesOf } from './keys.ts';
import { readEntries, readRevisions } from './known-records.ts';
import { withoutEntries } from './page-content.ts';
import type { RoomContents } from './room-contents.ts';
import type { RoomPage } from './room-page.ts';
import type { RoomSurroundings } from './room-surroundings.ts';
import { putSealed } from './seal-head.ts';
import { arrivalOf, type StoredEntry } from './stored-entry.ts';
import { arrivedSchema, readStoredPage } from './stored-page.ts';

export interface RewrittenPage {
  readonly number: number;
  /** All of it that is left, as one update. */
  readonly whole: Uint8Array;
}

export interface CommitErasureParts {
  readonly contents: RoomContents;
  readonly kv: RoomSurroundings['kv'];
  readonly draft: CommitDraft;
  /** What the store knows, as far as the commit asks; grows here. */
  readonly known: Map<EntryId, StoredEntry>;
  readonly revisions: Map<number, PageRevision>;
  /** Those of this commit, the head last. */
  readonly pages: readonly RoomPage[];
}

export class CommitErasure {
  readonly #parts: CommitErasureParts;
  /** Entries that were taken out of pages of this commit. */
  readonly #erased = new Set<EntryId>();

  constructor(parts: CommitErasureParts) {
    this.#parts = parts;
  }

  /** A poll goes with its votes, on whatever pages they stand. @throws StoreError */
  async eraseVotes(): Promise<void> {
    const { contents, draft, known, kv, revisions } = this.#parts;
    const room = contents.id;
    for (const [poll, fresh] of draft.entries.erasedPolls()) {
      const votes: EntryId[] = [];
      for await (const [key] of kv.range(votesOf(room, poll))) votes.push(voteOfKey(key));
      const unknown = votes.filter((id) => !draft.entry(id));
      for (const [id, stored] of await readEntries(kv, room, unknown)) known.set(id, stored);
      const pages = new Set(unknown.flatMap((id) => known.get(id)?.page ?? []));
      const older = [...pages].filter((page) => page < contents.head.ref.page && !revisions.has(page));
      for (const [page, revision] of await readRevisions(kv, room, older)) revisions.set(page, revision);
      draft.eraseVotes(poll, [...votes, ...fresh]);
    }
  }

  /** Of a room that is over all goes anyway. @throws StoreError */
  async forgetWhoLeft(): Promise<void> {
    const { contents, draft, kv } = this.#parts;
    for (const user of draft.state?.deleted ? [] : draft.people.left) {
      const keys: string[] = [];
      for (const range of unreadOfPerson(contents.id, user)) {
        for await (const [key] of kv.range(range)) keys.push(key);
      }
      draft.people.forgetUnread(user, keys);
    }
  }

  /** Takes erased content out of a page of this commit, before it is stored. */
  eraseStaged(page: RoomPage): void {
    const { contents, draft, pages } = this.#parts;
    const ids = draft.entries.erasures.get(page.ref.page);
    const fresh = new Set([...(ids?.keys() ?? [])].filter((id) => !this.#erased.has(id)));
    if (fresh.size === 0) return;
    page.erase(fresh);
    for (const id of fresh) this.#erased.add(id);
    // Sealed by this very commit, before the erasure.
    if (page !== pages.at(-1)) putSealed(page, draft, contents.position);
  }

  /** The same for pages that were sealed before, and the lists of what was erased. @throws StoreError */
  async eraseStored(): Promise<readonly RewrittenPage[]> {
    const { contents, draft, kv, pages } = this.#parts;
    const rewritten: RewrittenPage[] = [];
    for (const [number, entries] of draft.entries.erasures) {
      const ref = { room: contents.id, page: number };
      const stored = await readStoredPage(kv, ref);
      const erased = [...entries].map(([id, entry]) => arrivalOf(id, entry));
      draft.records.put(erasedKey(ref), encodeStored({ entries: [...stored.erased, ...erased] }));
      if (pages.some((page) => page.ref.page === number)) continue;
      const ids = new Set(entries.keys());
      const whole = withoutEntries(stored.base.update, ids);
      const kept = stored.entries.filter(({ entry }) => !ids.has(entry.id));
      draft.records.put(baseKey(ref), encodeBase({ ...stored.base, update: whole }));
      draft.records.put(sealedKey(ref), encodeStored({ entries: kept }));
      rewritten.push({ number, whole });
    }
    draft.lateLists.forget(draft.entries.erased, await this.#lateLists());
    return rewritten;
  }

  /** By key, the ids on the late lists of pages that something is erased on. @throws StoreError */
  async #lateLists(): Promise<[string, EntryId][]> {
    const { contents, draft, kv } = this.#parts;
    const lists: [string, EntryId][] = [];
    for (const page of new Set([...draft.entries.erasures.keys(), ...draft.threadPages])) {
      for await (const [key, value] of kv.range(lateOf({ room: contents.id, page })))
        lists.push([key, decodeStored(arrivedSchema, key, value).entry.id]);
    }
    return lists;
  }
}
