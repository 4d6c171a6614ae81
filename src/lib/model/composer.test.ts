import { expect, test } from 'vitest';
import type { MessageItem } from './timeline-item.ts';
import { Composing } from './composition.svelte.ts';
import { RoomDraft } from './room-draft.svelte.ts';
import { KeptDrafts } from './testing/kept-drafts.ts';
import { sendComposed } from './composer.ts';

function open(kept: KeptDrafts) {
  const composer = {
    draft: new RoomDraft('room', () => undefined),
    composition: new Composing({
      ...{ room: 'room', saved: () => undefined, item: () => null },
      quote: (id) => ({ id, author: null, body: null })
    })
  };
  composer.draft.attach(kept);
  composer.composition.attach(kept);
  return composer;
}

async function setup() {
  const kept = new KeptDrafts();
  const composer = open(kept);
  composer.draft.set('A long caption');
  composer.composition.reply({ id: 'm-1' } as MessageItem);
  await Promise.all([composer.draft.flush(), composer.composition.flush()]);
  const onDisk = Promise.withResolvers<void>();
  const sent = sendComposed(composer, () => onDisk.promise);
  return { kept, composer, onDisk, sent };
}

test('[FILES-21] what is sent shows no more at once, and is on the disk until its message is', async () => {
  const { kept, composer, onDisk, sent } = await setup();
  expect(composer.draft.text).toBe('');
  expect(composer.composition.replyTo).toBeNull();
  await composer.draft.flush();
  // The app ends here.
  const again = open(kept);
  expect(again.draft.text).toBe('A long caption');
  expect(again.composition.replyTo?.id).toBe('m-1');

  onDisk.resolve();
  await sent;
  expect([...kept.texts]).toEqual([]);
});

test('[FILES-21] what is typed while a message is on its way takes no place of its words on the disk, and stays after it', async () => {
  const { kept, composer, onDisk, sent } = await setup();
  composer.draft.set('The next thought');
  await composer.draft.flush();
  expect(kept.draft('room')).toBe('A long caption\nThe next thought');
  onDisk.resolve();
  await sent;
  expect(kept.draft('room')).toBe('The next thought');
  expect(composer.draft.text).toBe('The next thought');
});

test('[FILES-21] words that went out between two stores do not come back with the next', async () => {
  const { kept, composer, onDisk, sent } = await setup();
  composer.draft.detach();
  onDisk.resolve();
  await sent;
  composer.draft.attach(kept);
  await composer.draft.flush();
  expect(composer.draft.text).toBe('');
  expect(kept.draft('room')).toBe('');
});
