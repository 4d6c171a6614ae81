// What tests of the muxed connection send on its channels, and read of them.

import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import type { MuxedClient } from './muxed-client.ts';
import { ROOM } from './sync-setup.ts';
import { encodeAwareness, encodeAwarenessRecord, readYMessage } from '../y-message.ts';

export const OTHER_ROOM = 'S'.repeat(22);
export const PAGE = { room: ROOM, page: 0 };

export function syncMessage(write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 0);
  write(encoder);
  return encoding.toUint8Array(encoder);
}

export const stateMessage = (awarenessId: number, clock: number, state: unknown) =>
  encodeAwareness([encodeAwarenessRecord(awarenessId, clock, JSON.stringify(state))]);

/** Everything that came on a channel, applied to a document. */
export function docOf(client: MuxedClient, channel: number): Y.Doc {
  const doc = new Y.Doc();
  for (const message of client.messages(channel)) {
    const read = readYMessage(message);
    if (read?.kind === 'update') Y.applyUpdate(doc, read.update);
  }
  return doc;
}

/** Waits for what the server does by itself; the fakes and sockets give no event for it. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
