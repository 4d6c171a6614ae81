// An honest client of the multiplexed socket: one page's document, kept in step with the server.

import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { ARRIVALS_ROOT, MESSAGES_ROOT } from '#protocol/arrival.ts';
import { newEntryId } from '#protocol/ids.ts';
import { MuxedClient } from '../../sync-server/sync/testing/muxed-client.ts';
import { readYMessage } from '../../sync-server/sync/y-message.ts';
import type { TestAccount, TestServer } from './server-fixture.ts';

export class MuxedPerson {
  readonly doc: Y.Doc;
  readonly client: MuxedClient;
  readonly account: TestAccount;
  readonly channel: number;
  #taken = 0;

  private constructor(doc: Y.Doc, client: MuxedClient, account: TestAccount, channel: number) {
    this.doc = doc;
    this.client = client;
    this.account = account;
    this.channel = channel;
  }

  static async join(server: TestServer, account: TestAccount, room: string, create: boolean): Promise<MuxedPerson> {
    const client = await MuxedClient.greeted(server.syncUrl, { token: account.token });
    const doc = new Y.Doc();
    const { channel } = await client.opened(room, { clientId: doc.clientID, ...(create ? { create } : {}) });
    const honest = new MuxedPerson(doc, client, account, channel);
    client.sendMessage(channel, syncMessage(0, Y.encodeStateVector(honest.doc)));
    return honest;
  }

  /** Appends entries under fresh ids and sends them in one message. @returns their ids */
  send(...entries: Record<string, unknown>[]): string[] {
    const before = Y.encodeStateVector(this.doc);
    const nowMs = Date.now();
    const whole = entries.map((entry) => ({ id: newEntryId(nowMs), author: this.account.id, sentAt: nowMs, ...entry }));
    this.doc.getArray(MESSAGES_ROOT).push(whole);
    this.client.sendMessage(this.channel, syncMessage(2, Y.encodeStateAsUpdate(this.doc, before)));
    return whole.map(({ id }) => id);
  }

  /** Resolves once they have arrived. */
  async push(...entries: Record<string, unknown>[]): Promise<void> {
    const ids = this.send(...entries);
    await this.until(() => {
      const there = new Set(this.arrived());
      return ids.every((id) => there.has(id));
    });
  }

  arrived(): string[] {
    this.#take();
    return this.doc
      .getArray<{ id: string }>(ARRIVALS_ROOT)
      .toArray()
      .map(({ id }) => id);
  }

  entries(): { readonly id: string; readonly type: string }[] {
    this.#take();
    return this.doc.getArray<{ id: string; type: string }>(MESSAGES_ROOT).toArray();
  }

  until(isSo: () => boolean): Promise<void> {
    return this.client.until(isSo);
  }

  #take(): void {
    const messages = this.client.messages(this.channel);
    for (; this.#taken < messages.length; this.#taken++) {
      const message = readYMessage(messages[this.#taken]!);
      if (message?.kind === 'update') Y.applyUpdate(this.doc, message.update);
    }
  }
}

/** A whole y-websocket message: SyncStep1, SyncStep2 or an update. */
export function syncMessage(type: 0 | 1 | 2, payload: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 0);
  encoding.writeVarUint(encoder, type);
  encoding.writeVarUint8Array(encoder, payload);
  return encoding.toUint8Array(encoder);
}
