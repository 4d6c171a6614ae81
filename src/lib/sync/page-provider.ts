// The stock y-websocket provider for one page, over the multiplexed socket. Invariant: it sends this client's own
// presence and nobody else's; under the id that the server gave to this connection.

import * as encoding from 'lib0/encoding';
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import { WebsocketProvider } from 'y-websocket';
import type * as Y from 'yjs';
import { docName, type PageRef, type UserId } from '#protocol/ids.ts';
import type { PresenceState } from '#protocol/presence.ts';
import type { MuxSocket } from './mux-socket.ts';
import { VIRTUAL_SERVER, VirtualSocket, virtualSocketClass } from './virtual-socket.ts';

/** What a client says of itself; the server adds who it is. */
export type OwnPresence = Omit<PresenceState, 'user'>;

const MESSAGE_AWARENESS = 1;
const MAX_BACKOFF_MS = 10_000;

export interface ProviderEvents {
  synced(synced: boolean): void;
  presence(): void;
  /** The server will not open this page for us as it is; the provider has stopped. */
  refused(code: number): void;
}

export class PageProvider extends WebsocketProvider {
  #own: OwnPresence | null = null;

  /** @param create asked at each connection: whether the server may never have seen the room */
  constructor(mux: MuxSocket, ref: PageRef, doc: Y.Doc, create: () => true | UserId | null, events: ProviderEvents) {
    const awareness = new Awareness(doc);
    awareness.setLocalState(null);
    super(VIRTUAL_SERVER, docName(ref), doc, {
      connect: false,
      awareness,
      WebSocketPolyfill: virtualSocketClass(mux),
      resyncInterval: -1,
      maxBackoffTime: MAX_BACKOFF_MS,
      disableBc: true
    });
    Object.defineProperty(this, 'params', {
      get: () => {
        const creates = create();
        return { clientId: String(doc.clientID), ...(creates !== null && { create: creates === true ? '' : creates }) };
      }
    });
    // As released, every remote state is sent back to the server: n members would cost O(n²).
    awareness.off('update', this._awarenessUpdateHandler);
    awareness.on('update', (changes: { added: number[]; updated: number[]; removed: number[] }) => {
      const { clientID } = awareness;
      if ([changes.added, changes.updated, changes.removed].some((ids) => ids.includes(clientID))) this.#sendOwn();
    });
    awareness.on('change', () => events.presence());
    this.on('sync', (synced: boolean) => events.synced(synced));
    this.on('status', ({ status }) => {
      if (status !== 'connected') return;
      // After the provider's own first messages: it would name the document's id in an awareness update.
      queueMicrotask(() => this.#enter());
    });
    this.on('closed', ({ code }) => events.refused(code));
  }

  /** null: not present (a page synced in the background). */
  setPresence(own: OwnPresence | null): void {
    this.#own = own;
    if (this.wsconnected) this.awareness.setLocalState(own);
  }

  /** States of others, as the server stamped them; empty while there is no line. */
  others(): unknown[] {
    return [...this.awareness.getStates()].filter(([id]) => id !== this.awareness.clientID).map(([, state]) => state);
  }

  /** Tabs talk over their own channel (tab-channel.ts); and presence ends with the channel, without a message. */
  override connectBc(): void {}
  override disconnectBc(): void {}

  #enter(): void {
    const socket: unknown = this.ws;
    if (!(socket instanceof VirtualSocket) || socket.awarenessId === null || !this.wsconnected) return;
    this.awareness.clientID = socket.awarenessId;
    if (this.#own) this.awareness.setLocalState(this.#own);
  }

  #sendOwn(): void {
    const { ws, awareness } = this;
    if (!this.wsconnected || !ws || ws.readyState !== ws.OPEN) return;
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, MESSAGE_AWARENESS);
    encoding.writeVarUint8Array(encoder, encodeAwarenessUpdate(awareness, [awareness.clientID]));
    ws.send(encoding.toUint8Array(encoder));
  }
}
