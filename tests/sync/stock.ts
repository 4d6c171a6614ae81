// A stock y-websocket client of one page: what bots, tools and other people's clients are. Ends with its test.

import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { ARRIVALS_ROOT, isSeal, MESSAGES_ROOT, parseArrival, type Arrival } from '#protocol/arrival.ts';
import type { Entry } from '#protocol/entry.ts';
import { newEntryId } from '#protocol/ids.ts';
import type { TestServer, TestAccount } from './server-fixture.ts';

export class Stock {
  readonly doc: Y.Doc;
  readonly provider: WebsocketProvider;
  readonly account: TestAccount;

  constructor(server: TestServer, account: TestAccount, room: string, options: { doc?: Y.Doc; token?: string } = {}) {
    this.account = account;
    this.doc = options.doc ?? new Y.Doc();
    this.provider = new WebsocketProvider(server.syncUrl, `${room}/0`, this.doc, {
      protocols: [`roost.token.${options.token ?? account.token}`],
      WebSocketPolyfill: WebSocket as never,
      disableBc: true
    });
    onTestFinished(() => this.stop());
  }

  stop(): void {
    this.provider.destroy();
    this.provider.awareness.destroy();
  }

  async synced(): Promise<this> {
    await until(this.provider, 'sync', () => this.provider.synced);
    return this;
  }

  /** Appends an entry. @returns its id */
  push(entry: Record<string, unknown>): string {
    const id = newEntryId(Date.now());
    const { id: author } = this.account;
    this.doc.getArray(MESSAGES_ROOT).push([{ id, author, sentAt: Date.now(), ...entry }]);
    return id;
  }

  say(body: string): string {
    return this.push({ type: 'message', body });
  }

  entries(): Entry[] {
    return this.doc.getArray<Entry>(MESSAGES_ROOT).toArray();
  }

  arrivals(): Arrival[] {
    const elements = this.doc.getArray(ARRIVALS_ROOT).toArray().map(parseArrival);
    return elements.flatMap((element) => (element && !isSeal(element) ? [element] : []));
  }

  /** Until all of these have arrived here. */
  async arrived(...ids: string[]): Promise<void> {
    await until(this.doc, 'update', () => {
      const there = new Set(this.arrivals().map(({ id }) => id));
      return ids.every((id) => there.has(id));
    });
  }

  /** The code of a close that the provider takes as final. */
  finallyClosed(): Promise<number> {
    return new Promise((resolve) =>
      this.provider.on('closed' as never, (({ code }: { code: number }) => resolve(code)) as never)
    );
  }
}

/** Waits until a condition holds, looking at each event. */
export function until(
  source: { on(event: string, listener: () => void): void; off(event: string, listener: () => void): void },
  event: string,
  isSo: () => boolean
): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!isSo()) return;
      source.off(event, look);
      resolve();
    };
    source.on(event, look);
    look();
  });
}
