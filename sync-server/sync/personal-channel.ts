// A person's own document on one connection: y-websocket messages in, the document out. No presence: nobody else is
// there. The same for a channel of the multiplexed socket and for a stock client's own socket.

import assert from 'node:assert/strict';
import { CLOSE, type CloseCode } from '#protocol/close-codes.ts';
import { PERSONAL_DOC_NAME } from '#protocol/personal.ts';
import type { Session } from '../accounts/session.ts';
import type { PersonalAttached, PersonalDocuments } from '../personal/personal-documents.ts';
import type { PersonalAttachment, PersonalReader } from '../personal/personal-document.ts';
import type { Allowance } from './allowance.ts';
import type { ChannelWire } from './page-channel.ts';
import type { SyncLog } from './sync-contract.ts';
import { readYMessage } from './y-message.ts';

export interface PersonalChannelDeps {
  readonly personal: PersonalDocuments;
  readonly log: SyncLog;
}

type Phase =
  /** `held`: what the document sent before it had said that it is open. */
  | { readonly name: 'opening'; readonly held: Uint8Array[] }
  | { readonly name: 'open'; readonly attachment: PersonalAttachment }
  | { readonly name: 'closed' };

const TOO_MANY: PersonalAttached = { ok: false, close: CLOSE.rateLimited };

export class PersonalChannel implements PersonalReader {
  readonly #deps: PersonalChannelDeps;
  readonly #session: Session;
  readonly #clientId: number | null;
  readonly #allowance: Allowance;
  readonly #wire: Omit<ChannelWire, 'refused'>;
  #phase: Phase = { name: 'opening', held: [] };
  #isHeld = false;

  /** @param clientId that the far side writes under; null: a stock client, which has said nothing */
  constructor(
    deps: PersonalChannelDeps,
    clientId: number | null,
    session: Session,
    allowance: Allowance,
    wire: Omit<ChannelWire, 'refused'>
  ) {
    this.#deps = deps;
    this.#clientId = clientId;
    this.#session = session;
    this.#allowance = allowance;
    this.#wire = wire;
  }

  get isOpen(): boolean {
    return this.#phase.name === 'open';
  }

  /** Attaches to the document; resolves once the channel is open or closed. Never rejects. */
  async start(): Promise<void> {
    this.#allowance.spendOpen();
    this.#isHeld = this.#allowance.tryHoldChannel(PERSONAL_DOC_NAME);
    const user = this.#session.user.id;
    let attached: PersonalAttached;
    try {
      attached = await (this.#isHeld ? this.#deps.personal.attach(user, this) : TOO_MANY);
    } catch (error) {
      this.#deps.log.warn({ user, err: error }, 'a person’s own document could not be opened');
      attached = { ok: false, close: CLOSE.storage };
    }
    if (this.#phase.name !== 'opening') {
      if (attached.ok) attached.attachment.detach();
      return;
    }
    if (!attached.ok) return this.close(attached.close);
    const { held } = this.#phase;
    this.#phase = { name: 'open', attachment: attached.attachment };
    this.#wire.opened(this.#clientId);
    for (const message of held) this.send(message);
  }

  /** A whole message from the far side; only while open. */
  receive(bytes: Uint8Array): void {
    assert(this.#phase.name === 'open', 'a message on a channel that is not open');
    const { attachment } = this.#phase;
    const message = readYMessage(bytes);
    const startedAt = performance.now();
    switch (message?.kind) {
      case 'step1':
        attachment.syncStep1(message.stateVector);
        break;
      case 'update':
        this.#allowance.spendUpdate();
        attachment.receive(message.update);
        break;
      // Stock clients tell of their presence unasked.
      case 'awareness':
      case 'query-awareness':
      case 'other':
        break;
      case undefined:
        return this.#finish(CLOSE.malformed);
    }
    this.#allowance.spendWork(performance.now() - startedAt);
  }

  /** The far side is gone. */
  end(): void {
    this.#finish(null);
  }

  // PersonalReader: what the document calls.

  send(message: Uint8Array): void {
    if (this.#phase.name === 'opening') this.#phase.held.push(message);
    else if (this.#phase.name === 'open') this.#wire.send(message);
  }

  close(code: CloseCode): void {
    this.#finish(code);
  }

  /** @param code null: the far side ended it and is not told */
  #finish(code: CloseCode | null): void {
    const phase = this.#phase;
    if (phase.name === 'closed') return;
    this.#phase = { name: 'closed' };
    if (this.#isHeld) this.#allowance.releaseChannel(PERSONAL_DOC_NAME);
    if (phase.name === 'open') phase.attachment.detach();
    if (code !== null) this.#wire.close(code);
  }
}
