import { expect, test } from 'vitest';
import type { MessageItem } from './app-model.ts';
import { Composing } from './composition.svelte.ts';
import type { DraftStore } from './room-draft.svelte.ts';

const message = { id: 'm-1', body: 'Low water\nat six' } as MessageItem;

/** Stands for the device's disk. */
class Kept implements DraftStore {
  readonly texts = new Map<string, string>();
  draft(of: string): string {
    return this.texts.get(of) ?? '';
  }
  async setDraft(of: string, text: string): Promise<void> {
    if (text === '') this.texts.delete(of);
    else this.texts.set(of, text);
  }
}

function setup(kept: Kept, loaded: MessageItem | null = message) {
  const composing = new Composing({
    room: 'room',
    saved: () => undefined,
    quote: (id) => ({ id, author: null, body: null }),
    item: () => loaded
  });
  composing.attach(kept);
  return composing;
}

test('[EDIT-5] what is answered and what is edited is there again after a restart, and the draft beside it untouched', async () => {
  const kept = new Kept();
  await kept.setDraft('room', 'half a thought');
  const before = setup(kept);
  before.reply(message);
  before.beginEdit(message);
  expect(before.edit?.text).toBe(message.body);
  before.setEdit('At seven\n\nor so');
  await before.flush();
  before.detach();

  const after = setup(kept);
  expect(after.replyTo?.id).toBe('m-1');
  expect(after.edit).toEqual({ id: 'm-1', text: 'At seven\n\nor so', item: message });
  expect(kept.draft('room')).toBe('half a thought');

  after.endEdit();
  after.endReply();
  await after.flush();
  expect([...kept.texts.keys()]).toEqual(['room']);
  expect(setup(kept)).toMatchObject({ edit: null, replyTo: null });
});

test('[EDIT-5] an edit emptied to its last letter is still an edit', async () => {
  const kept = new Kept();
  const composing = setup(kept, null);
  composing.beginEdit(message);
  composing.setEdit('');
  await composing.flush();
  expect(setup(kept, null).edit).toEqual({ id: 'm-1', text: '', item: null });
});

test('[EDIT-5] without an edit there is nothing to set, and answering ends one', () => {
  const composing = setup(new Kept());
  composing.setEdit('stray');
  expect(composing.edit).toBeNull();
  composing.beginEdit(message);
  composing.reply(message);
  expect(composing.edit).toBeNull();
});
