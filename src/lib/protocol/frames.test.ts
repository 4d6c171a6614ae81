import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeControl, readClientMessage, readOpenRequest, readServerMessage } from './control.ts';
import {
  decodeClose,
  decodeFrame,
  encodeClose,
  encodeFrame,
  encodeMessage,
  FRAME,
  MessageAssembler
} from './frames.ts';
import { newRoomId } from './ids.ts';
import { FRAME_MAX_BYTES } from './limits.ts';

test('[FRAME-1] a frame reads back as it was written; other bytes are null, never an exception', () => {
  fc.assert(
    fc.property(
      fc.nat(2 ** 31),
      fc.constantFrom(...Object.values(FRAME)),
      fc.uint8Array(),
      (channel, kind, payload) => {
        const frame = decodeFrame(encodeFrame(channel, kind, payload))!;
        expect([frame.channel, frame.kind, [...frame.payload]]).toEqual([channel, kind, [...payload]]);
      }
    )
  );
  fc.assert(
    fc.property(
      fc.uint8Array(),
      (bytes) => void [decodeFrame(bytes), decodeClose(bytes), readClientMessage(bytes), readServerMessage(bytes)]
    )
  );
  expect(decodeFrame(new Uint8Array([1, 99]))).toBeNull();
  expect(decodeFrame(new Uint8Array())).toBeNull();
});

test('[FRAME-2] a long message goes in pieces of at most FRAME_MAX_BYTES and comes out whole', () => {
  for (const length of [0, 1, FRAME_MAX_BYTES, FRAME_MAX_BYTES + 1, 3 * FRAME_MAX_BYTES + 17]) {
    const message = new Uint8Array(length).map((_, index) => index % 251);
    const frames = encodeMessage(7, message);
    expect(frames).toHaveLength(Math.max(1, Math.ceil(length / FRAME_MAX_BYTES)));
    const assembler = new MessageAssembler();
    const whole = frames.map((bytes) => {
      const frame = decodeFrame(bytes)!;
      expect(frame.payload.length).toBeLessThanOrEqual(FRAME_MAX_BYTES);
      return assembler.push(frame.kind as typeof FRAME.data, frame.payload);
    });
    expect(whole.slice(0, -1).every((part) => part === null)).toBe(true);
    expect(whole.at(-1)).toEqual(message);
  }
});

test('[FRAME-3] pieces beyond the bound are refused before they are kept', () => {
  const assembler = new MessageAssembler(10);
  expect(assembler.push(FRAME.part, new Uint8Array(8))).toBeNull();
  expect(assembler.push(FRAME.part, new Uint8Array(3))).toBe('too-large');
});

test('[FRAME-3] pieces take no more memory than twice their bytes, however many they are', () => {
  const assembler = new MessageAssembler(1_000);
  for (let i = 0; i < 5_000; i++) assembler.push(FRAME.part, new Uint8Array(0));
  expect(assembler.heldBytes).toBe(0);
  for (let i = 0; i < 900; i++) assembler.push(FRAME.part, Uint8Array.of(i % 251));
  expect(assembler.heldBytes).toBeLessThanOrEqual(1_000);
  expect(assembler.push(FRAME.data, Uint8Array.of(7))).toEqual(
    Uint8Array.from([...Array(900).keys(), 7]).map((at, i) => (i < 900 ? i % 251 : at))
  );
  expect(assembler.heldBytes).toBe(0);
});

test('[FRAME-4] a close frame carries its code', () => {
  expect(decodeClose(decodeFrame(encodeClose(3, 4403))!.payload)).toBe(4403);
});

test('[CTRL-1] control messages are checked: an unknown type, key or value is null', () => {
  const room = newRoomId();
  const read = { type: 'read', room, n: 3 } as const;
  expect(readClientMessage(encodeControl(read))).toEqual(read);
  const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  for (const value of [
    { ...read, n: -1 },
    { ...read, n: 1.5 },
    { ...read, extra: 1 },
    { ...read, room: 'x' },
    { type: 'nonsense' },
    null,
    5
  ])
    expect(readClientMessage(bytes(value))).toBeNull();
  expect(readOpenRequest(bytes({ room, page: 0, clientId: 1 }))).toEqual({ room, page: 0, clientId: 1 });
  expect(readOpenRequest(bytes({ room, page: 0, clientId: 2 ** 60 }))).toBeNull();
  expect(readClientMessage(new Uint8Array([0xff, 0xfe]))).toBeNull();
});
