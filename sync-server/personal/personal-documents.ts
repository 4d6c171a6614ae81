// Everybody's own documents: those that are open, each once. Invariant: whose document it is comes from the session of
// who opens it, never from what they say.

import { CLOSE, type CloseCode } from '#protocol/close-codes.ts';
import type { UserId } from '#protocol/ids.ts';
import type { PersonalLookup } from '#protocol/notification-rules.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import type { Timers } from '../timers.ts';
import { PersonalDocument, type PersonalAttachment, type PersonalReader } from './personal-document.ts';
import { personalRecordsOf, privacyKey } from './personal-keys.ts';
import type { PrivacyChoices } from './privacy-choices.ts';

export type PersonalAttached =
  { readonly ok: true; readonly attachment: PersonalAttachment } | { readonly ok: false; readonly close: CloseCode };

export interface PersonalDocumentsDeps {
  readonly kv: KeyValue;
  readonly timers: Timers;
  readonly privacy: PrivacyChoices;
  readonly onError: (error: unknown, user: UserId) => void;
}

export class PersonalDocuments {
  readonly #deps: PersonalDocumentsDeps;
  readonly #open = new Map<UserId, PersonalDocument>();
  #closed = false;

  constructor(deps: PersonalDocumentsDeps) {
    this.#deps = deps;
  }

  /** Documents in memory. */
  get openCount(): number {
    return this.#open.size;
  }

  /** Rejects with StoreError when it cannot be read. */
  async attach(user: UserId, reader: PersonalReader): Promise<PersonalAttached> {
    while (!this.#closed) {
      const document = this.#document(user);
      await document.loaded;
      const attachment = document.attach(reader);
      if (attachment) return { ok: true, attachment };
      // It left memory between: the next one reads it from disk.
    }
    return { ok: false, close: CLOSE.stopping };
  }

  /** For the server's own decisions, at once: it may have left memory a while later. Rejects with StoreError. */
  async look(user: UserId): Promise<PersonalLookup> {
    const document = this.#document(user);
    await document.loaded;
    return (root, key) => document.value(root, key);
  }

  /** All that is kept of the person goes; who still has it open is shut out. */
  async erase(user: UserId): Promise<void> {
    await this.#open.get(user)?.drop();
    const operations: Operation[] = [{ type: 'del', key: privacyKey(user) }];
    for await (const [key] of this.#deps.kv.range(personalRecordsOf(user))) operations.push({ type: 'del', key });
    await this.#deps.kv.batch(operations, { sync: true });
    this.#deps.privacy.forget(user);
  }

  /** What came is written first. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#open.values()].map((document) => document.close()));
  }

  #document(user: UserId): PersonalDocument {
    const open = this.#open.get(user);
    if (open) return open;
    const document: PersonalDocument = new PersonalDocument(user, {
      ...this.#deps,
      ended: () => {
        if (this.#open.get(user) === document) this.#open.delete(user);
      }
    });
    this.#open.set(user, document);
    return document;
  }
}
