// Hand-made updates of which the bytes are no update: the page takes nothing of them. See poison.test.ts.
import { createEncoder, toUint8Array, writeAny, writeUint8, writeVarUint } from 'lib0/encoding';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { MESSAGE_MAX_BYTES } from '#protocol/limits.ts';
import { fromMallory, MAL, MALLORY, setupAttackedPage, type AttackedPage } from './testing/attacked-page.ts';
import { message } from './testing/entries.ts';
import { messagesOf } from './testing/test-page.ts';
import { item, rawValues, values, wireUpdate } from './testing/wire.ts';

describe('[GATE-6] bytes that are no update', () => {
  const fine = ({ after }: AttackedPage): Uint8Array => fromMallory(values(after(), message('a', MALLORY)));

  it('[GATE-6] two sections for one client', () => {
    const { after, expectMalformed } = setupAttackedPage();
    const structs = [values(after(), message('a', MALLORY))];
    const update = wireUpdate([
      { client: MAL, clock: 0, structs },
      { client: MAL, clock: 1, structs }
    ]);
    expectMalformed(update, /doubled or not in order/);
  });

  it('[GATE-6] unsorted sections', () => {
    const { after, expectMalformed } = setupAttackedPage();
    const structs = [values(after(), message('a', MALLORY))];
    const update = wireUpdate([
      { client: 666, clock: 0, structs },
      { client: 667, clock: 0, structs }
    ]);
    expectMalformed(update, /doubled or not in order/);
  });

  it('[GATE-6] an empty section', () => {
    const { after, expectMalformed } = setupAttackedPage();
    const update = wireUpdate([
      { client: 667, clock: 0, structs: [] },
      { client: 666, clock: 0, structs: [values(after(), 1)] }
    ]);
    expectMalformed(update, /section is empty/);
  });

  it('[GATE-6] trailing bytes', () => {
    const attacked = setupAttackedPage();
    const { expectMalformed } = attacked;
    expectMalformed(new Uint8Array([...fine(attacked), 0]), /follow the end/);
  });

  it('[GATE-6] a whole second update behind the first', () => {
    const attacked = setupAttackedPage();
    const { expectMalformed } = attacked;
    expectMalformed(new Uint8Array([...fine(attacked), ...fine(attacked)]), /./);
  });

  it('[GATE-6] every truncation', () => {
    const attacked = setupAttackedPage();
    const { page, expectUnharmed } = attacked;
    const whole = fine(attacked);
    for (let length = 0; length < whole.length; length++) {
      expect(page.receive(whole.subarray(0, length), MALLORY)).toMatchObject({ kind: 'malformed' });
    }
    expectUnharmed();
  });

  it('[GATE-6] V2 bytes', () => {
    const { expectMalformed } = setupAttackedPage();
    const doc = new Y.Doc();
    messagesOf(doc).push([message('second-format', MALLORY)]);
    expectMalformed(Y.encodeStateAsUpdateV2(doc), /./);
  });

  it('[GATE-6] V2 bytes of an empty document', () => {
    const { expectMalformed } = setupAttackedPage();
    expectMalformed(Y.encodeStateAsUpdateV2(new Y.Doc()), /./);
  });

  it('[GATE-6] counts far beyond the bytes', () => {
    const { page, after, expectUnharmed } = setupAttackedPage();
    const huge = (write: (to: ReturnType<typeof createEncoder>) => void): Uint8Array => {
      const to = createEncoder();
      write(to);
      return toUint8Array(to);
    };
    const count = 2 ** 50;
    const frames = [
      huge((to) => writeVarUint(to, count)),
      huge((to) => [1, count, MAL, 0].forEach((n) => writeVarUint(to, n))),
      huge((to) => [0, count].forEach((n) => writeVarUint(to, n))),
      huge((to) => [0, 1, MAL, count].forEach((n) => writeVarUint(to, n))),
      fromMallory(item(8, after(), (to) => writeVarUint(to, count))),
      fromMallory(item(2, after(), (to) => writeVarUint(to, count))),
      fromMallory(item(3, after(), (to) => writeVarUint(to, count))),
      fromMallory(
        rawValues(
          after(),
          huge((to) => (writeUint8(to, 117), writeVarUint(to, count)))
        )
      ),
      fromMallory(
        rawValues(
          after(),
          huge((to) => (writeUint8(to, 118), writeVarUint(to, count)))
        )
      ),
      fromMallory(
        rawValues(
          after(),
          huge((to) => (writeUint8(to, 119), writeVarUint(to, count)))
        )
      )
    ];
    for (const frame of frames) expect(page.receive(frame, MALLORY)).toMatchObject({ kind: 'malformed' });
    expectUnharmed();
  });

  it('[GATE-6] a number that never ends', () => {
    const { page, expectMalformed } = setupAttackedPage();
    expect(page.receive(new Uint8Array(1_000).fill(0x80), MALLORY)).toMatchObject({ kind: 'malformed' });
    expectMalformed(new Uint8Array(1_000).fill(0xff), /bits|long/);
  });

  it('[GATE-6] a string that is not UTF-8', () => {
    const { page, after, expectMalformed } = setupAttackedPage();
    const loneSurrogate = Uint8Array.of(119, 3, 0xed, 0xa0, 0x80);
    expect(page.receive(fromMallory(rawValues(after(), loneSurrogate)), MALLORY)).toMatchObject({ kind: 'malformed' });
    expectMalformed(fromMallory(rawValues(after(), Uint8Array.of(119, 2, 0xc3, 0x28))), /cannot be read/);
  });

  it('[GATE-6] a type of value that does not exist', () => {
    const { after, expectMalformed } = setupAttackedPage();
    expectMalformed(fromMallory(rawValues(after(), Uint8Array.of(42))), /no type of value/);
  });

  it('[GATE-6] more bytes than a message may have', () => {
    const { expectMalformed } = setupAttackedPage();
    expectMalformed(new Uint8Array(MESSAGE_MAX_BYTES + 1), /over/);
  });

  it('[GATE-6] more elements than a message could carry of entries', () => {
    const { after, expectMalformed } = setupAttackedPage();
    const nulls = item(8, after(), (to) => {
      writeVarUint(to, 70_000);
      for (let i = 0; i < 70_000; i++) writeAny(to, null);
    });
    expectMalformed(fromMallory(nulls), /new elements/);
  });
});
