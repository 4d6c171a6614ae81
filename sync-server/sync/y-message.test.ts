import fc from 'fast-check';
import * as encoding from 'lib0/encoding';
import { describe, expect, test } from 'vitest';
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as syncProtocol from 'y-protocols/sync';
import * as Y from 'yjs';
import { runs } from '../../tests/property-runs.ts';
import { encodeAwareness, encodeAwarenessRecord, readYMessage } from './y-message.ts';

function written(write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder();
  write(encoder);
  return encoding.toUint8Array(encoder);
}

function docWithMessage(): Y.Doc {
  const doc = new Y.Doc();
  doc.getArray('messages').push([{ id: 'one' }]);
  return doc;
}

describe('reading y-websocket messages', () => {
  test('what y-protocols writes is read', () => {
    const doc = docWithMessage();
    const step1 = written((encoder) => {
      encoding.writeVarUint(encoder, 0);
      syncProtocol.writeSyncStep1(encoder, doc);
    });
    expect(readYMessage(step1)).toEqual({ kind: 'step1', stateVector: Y.encodeStateVector(doc) });
    for (const write of [syncProtocol.writeSyncStep2, syncProtocol.writeUpdate]) {
      const update = written((encoder) => {
        encoding.writeVarUint(encoder, 0);
        if (write === syncProtocol.writeUpdate) write(encoder, Y.encodeStateAsUpdate(doc));
        else syncProtocol.writeSyncStep2(encoder, doc);
      });
      expect(readYMessage(update)).toEqual({ kind: 'update', update: Y.encodeStateAsUpdate(doc) });
    }
    expect(readYMessage(Uint8Array.of(3))).toEqual({ kind: 'query-awareness' });
    doc.destroy();
  });

  test('awareness of y-protocols is read, and what is written it reads', () => {
    const doc = new Y.Doc();
    const sender = new Awareness(doc);
    sender.setLocalState({ typing: true });
    const update = encodeAwarenessUpdate(sender, [doc.clientID]);
    const message = readYMessage(
      written((encoder) => {
        encoding.writeVarUint(encoder, 1);
        encoding.writeVarUint8Array(encoder, update);
      })
    );
    expect(message).toMatchObject({ kind: 'awareness', records: [{ clientId: doc.clientID }] });

    const receiver = new Awareness(new Y.Doc());
    const ours = encodeAwareness([encodeAwarenessRecord(5, 9, '{"a":"ü"}')]);
    expect(ours[0]).toBe(1);
    // The message type, then the length of the rest in one byte.
    applyAwarenessUpdate(receiver, ours.subarray(2), 'test');
    expect(receiver.getStates().get(5)).toEqual({ a: 'ü' });
    sender.destroy();
    receiver.destroy();
  });

  test('auth and types of other versions are none of our business, and no error', () => {
    expect(readYMessage(Uint8Array.of(2, 0, 1, 65))).toEqual({ kind: 'other' });
    expect(readYMessage(Uint8Array.of(77, 1, 2, 3))).toEqual({ kind: 'other' });
  });

  test('broken messages are null: empty, cut off, of an unknown sync type, with bytes to spare', () => {
    for (const bytes of [[], [0], [0, 0], [0, 9, 1, 1], [0, 0, 2, 1], [0, 0, 1, 1, 1], [1, 2, 5, 1], [1, 1, 0, 0]]) {
      expect(readYMessage(Uint8Array.from(bytes)), bytes.join()).toBeNull();
    }
  });

  test('[CONN-12] a length beyond the message does not reach the memory beside it', () => {
    const memory = new Uint8Array(100).fill(115);
    memory.set([0, 2, 50], 0);
    expect(readYMessage(memory.subarray(0, 10))).toBeNull();
    memory.set([0, 2, 7], 0);
    const message = readYMessage(memory.subarray(0, 10));
    expect(message).toMatchObject({ kind: 'update', update: new Uint8Array(7).fill(115) });
    // Decoders further in trust lengths too: there must be nothing behind the bytes.
    expect((message as { update: Uint8Array }).update.buffer.byteLength).toBe(7);
    expect((readYMessage(Buffer.from([0, 2, 1, 9])) as { update: Uint8Array }).update.buffer.byteLength).toBe(1);
  });

  test('no bytes at all make the reader throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        readYMessage(bytes);
      }),
      runs(5_000)
    );
  });
});
