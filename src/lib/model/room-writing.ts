// What one writes in a room: made into entries here, dated, checked and handed to the outbox, and what becomes of them there.
// Invariant: nothing written is lost: between two clients it waits for the next, and what cannot be sent stands with its reason.

import { isKnown, type Entry } from '#protocol/entry.ts';
import { parseEntry } from '#protocol/parse-entry.ts';
import { newEntryId } from '#protocol/ids.ts';
import { MENTIONS_MAX } from '#protocol/limits.ts';
import type { MessageEntry } from '#protocol/message-entries.ts';
import { refusal, type TargetInfo } from '#protocol/refusal.ts';
import { filesOf } from '../sync/composed-files.ts';
import type { RoomReplica } from '../sync/room-replica.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import type { PersonView } from './person-view.ts';
import type { Result } from './result.ts';
import type { Composer } from './composer.ts';
import { refused } from './failure-words.ts';
import type { ActPayload } from './room-acts.svelte.ts';

export type MentionsIn = (
  body: string,
  people: readonly PersonView[]
) => { readonly people: readonly string[]; readonly room: boolean };

export interface RoomWritingOptions {
  readonly room: string;
  /** Epoch ms. */
  readonly now: () => number;
  readonly members: () => readonly PersonView[];
  /** Whom of these the words mention. */
  readonly mentionsIn: MentionsIn;
}

interface Attached {
  readonly client: SyncClient;
  readonly replica: RoomReplica;
}

const DONE: Result<void> = { ok: true, value: undefined };

type Payload =
  | (ActPayload & { readonly id?: undefined })
  | ({ readonly type: 'message'; readonly id?: string } & Readonly<Record<string, unknown>>);

export class RoomWriting {
  readonly #options: RoomWritingOptions;
  #at: Attached | null = null;
  /** On their way back into a composer: pressed twice, their words would stand there twice. */
  readonly #takenUp = new Set<string>();
  readonly #untilAttached: ((at: Attached) => void)[] = [];

  constructor(options: RoomWritingOptions) {
    this.#options = options;
  }

  attach(client: SyncClient, replica: RoomReplica): void {
    const at = (this.#at = { client, replica });
    for (const go of this.#untilAttached.splice(0)) go(at);
  }

  detach(): void {
    this.#at = null;
  }

  /** Between two clients what is written waits for the next: none of it may go to one that is closed. */
  async attached(): Promise<Attached> {
    return this.#at ?? new Promise((resolve) => this.#untilAttached.push(resolve));
  }

  /** What is forwarded calls nobody a second time. */
  mentions(payload: Payload): Pick<MessageEntry, 'mentions' | 'mentionsRoom'> {
    const { type, body, forwarded } = payload as { type: string; body?: unknown; forwarded?: unknown };
    if ((type !== 'message' && type !== 'edit') || typeof body !== 'string' || forwarded !== undefined) return {};
    const { people, room } = this.#options.mentionsIn(body, this.#options.members());
    return {
      ...(people.length > 0 && { mentions: people.slice(0, MENTIONS_MAX) }),
      ...(room && { mentionsRoom: true })
    };
  }

  /** @param write what becomes of the entry on this device */
  async act(
    payload: ActPayload,
    target: TargetInfo | null = null,
    write = (entry: Entry, into: RoomReplica): Promise<void> => into.write(entry)
  ): Promise<Result<void>> {
    const { client, replica } = await this.attached();
    const entry = this.#entry(client, payload);
    const parsed = parseEntry(entry);
    if (!parsed.ok) return refused(parsed.code);
    const { room } = this.#options;
    // Where the page is not here yet, nothing is known against what is done to a message that waits.
    const waiting = target && client.outbox.get(room, target.id)?.state;
    const isUnknown = replica.state === null && (waiting === 'kept' || waiting === 'saving');
    const code = isUnknown ? null : refusal(room, replica.state, entry, target);
    if (code) return refused(code);
    await client.hold(write(entry, replica));
    return DONE;
  }

  async write(payload: Payload, written: (id: string) => void): Promise<void> {
    const { client, replica } = await this.attached();
    const entry = this.#entry(client, payload);
    written(entry.id);
    const parsed = parseEntry(entry);
    if (parsed.ok) await client.hold(replica.write(entry));
    // Not sendable as it is, but never lost: it stands there with its reason, to be copied.
    else await client.hold(client.outbox.addFailed(this.#options.room, entry, replica.head.ref.page, parsed.code));
  }

  async retry(id: string): Promise<void> {
    if (!this.#at) return;
    const { client, replica } = this.#at;
    const pending = client.outbox.get(this.#options.room, id);
    if (!pending) return;
    // Under its own id, the server tells a second one from the first; where the id or the time was the trouble, not.
    const changed = pending.code === 'id-taken' || pending.code === 'clock';
    const entry = changed
      ? ({
          ...pending.entry,
          id: newEntryId(this.#options.now()),
          sentAt: client.clock(this.#options.room).next()
        } as Entry)
      : pending.entry;
    const files = filesOf(entry);
    if (changed && files.length > 0) await client.hold(client.composedFiles.hold(this.#options.room, entry.id, files));
    await client.hold(replica.retry(id, entry));
    if (changed && files.length > 0) await client.hold(client.composedFiles.sent(this.#options.room, entry.id));
    if (changed) client.files.erased(this.#options.room, [id]);
  }

  async discard(id: string): Promise<void> {
    if (!this.#at) return;
    const { client, replica } = this.#at;
    const pending = client.outbox.get(this.#options.room, id);
    // What is under way cannot be called back.
    const sent = pending?.state !== 'failed' && (pending?.posted || replica.head.has(id));
    if (!pending || sent) return;
    if (await client.outbox.discard(this.#options.room, id)) client.files.erased(this.#options.room, [id]);
  }

  /** Not to be, unless it is too late. @param id of the message that was to be taken away */
  async callBack(id: string): Promise<void> {
    const { client } = await this.attached();
    const held = client.outbox.removals.recallable(this.#options.room).get(id);
    if (held) await client.outbox.remove(this.#options.room, [held.id]);
  }

  /** A message that waits goes back into its composer: it is on disk there before it goes where it was. */
  async takeUp(id: string, composer: Composer): Promise<void> {
    if (this.#takenUp.has(id)) return;
    this.#takenUp.add(id);
    await this.#takeUp(id, composer).finally(() => this.#takenUp.delete(id));
  }

  async #takeUp(id: string, composer: Composer): Promise<void> {
    const entry = this.#at?.client.outbox.get(this.#options.room, id)?.entry;
    if (!entry || !isKnown(entry) || entry.type !== 'message') return;
    const { body, attachments, replyTo } = entry;
    const { files, draft, composition } = composer;
    if (attachments && !(await this.#hold(files.takeUp(attachments)))) return;
    composition.putEditAside();
    draft.set([body, draft.text].filter((text) => text.trim() !== '').join('\n'));
    if (replyTo !== undefined && composition.replyTo === null) composition.replyAnew(replyTo);
    await this.#hold(composer.flush());
    await this.discard(id);
  }

  /** On this device's disk before the client lets go of it. */
  #hold<Value>(writing: Promise<Value>): Promise<Value> {
    return this.#at?.client.hold(writing) ?? writing;
  }

  #entry(client: SyncClient, payload: Payload): Entry {
    const id = payload.id ?? newEntryId(this.#options.now());
    return {
      ...payload,
      ...this.mentions(payload),
      id,
      author: client.me.id,
      sentAt: client.clock(this.#options.room).next()
    };
  }
}
