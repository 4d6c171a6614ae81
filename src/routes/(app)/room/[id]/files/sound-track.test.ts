import { expect, test } from 'vitest';
import type { Attachment } from '#protocol/attachment.ts';
import type { RoomModel } from '#lib/model/room-model.ts';
import type { MessageItem } from '#lib/model/timeline-item.ts';
import { soundTrack, STREAMED_BYTES } from './sound-track.ts';

const voice = (hash: string): Attachment => ({ hash, name: 'v.webm', type: 'audio/webm', size: 9, voice: true });

/** A room of messages by their authors; `+` has a voice message. */
function setup(...messages: readonly string[]) {
  const timeline = messages.map((of, at) => {
    const [who = '', sound] = of.split(' ');
    const item = {
      kind: 'message',
      id: `m${at}`,
      redacted: null,
      state: 'arrived',
      attachments: sound ? [voice(`h${at}`)] : []
    };
    return { ...item, author: { id: who, blocked: false } } as unknown as MessageItem;
  });
  const redacting = new Set<string>();
  const room = { id: 'room', timeline, acts: { redacting } } as unknown as RoomModel;
  const around = { shown: 'room', online: true };
  const track = (at: number, there: (() => boolean) | null = null, of = timeline[at]!.attachments[0]!) =>
    soundTrack(room, timeline[at]!, of, { online: () => around.online, shown: () => around.shown, there });
  return { track, redacting, around };
}

test('[VOICE-8] the next voice message follows if it is the same person’s, whatever is written between', () => {
  const { track, redacting } = setup('ann +', 'bo', 'ann', 'ann +', 'bo +', 'ann +');
  expect(track(0).next()?.key).toBe('room/m3/h3');
  expect(track(3).next()).toBeNull();
  expect(track(5).next()).toBeNull();
  // One that was taken away is passed over.
  redacting.add('m4');
  expect(track(3).next()?.key).toBe('room/m5/h5');
  expect(track(0, () => true).next()).toBeNull();
});

test('[VOICE-8] it stays while its message stands in the room that is shown', () => {
  const { track, redacting, around } = setup('ann +', 'ann +');
  expect(track(0).stays()).toBe(true);
  redacting.add('m0');
  expect([track(0).stays(), track(1).stays(), track(1, () => false).stays()]).toEqual([false, true, false]);
  around.shown = 'another';
  expect(track(1).stays()).toBe(false);
});

test('[VOICE-9] a large one is heard from the server, with a line', () => {
  const { track, around } = setup('ann +');
  const large = { ...voice('large'), size: STREAMED_BYTES + 1 };
  expect(track(0).stream()).toBeNull();
  expect(track(0, null, large).stream()).toBe('/api/rooms/room/blobs/large');
  around.online = false;
  expect(track(0, null, large).stream()).toBeNull();
});
