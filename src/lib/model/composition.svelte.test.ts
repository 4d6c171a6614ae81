import { expect, test } from 'vitest';
import type { MessageItem } from './timeline-item.ts';
import { Composing } from './composition.svelte.ts';
import { KeptDrafts } from './testing/kept-drafts.ts';

const message = { id: 'm-1', body: 'Low water\nat six', redacted: null } as MessageItem;

function setup(kept: KeptDrafts, loaded: MessageItem | null = message) {
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
  const kept = new KeptDrafts();
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
  expect(after.edit).toEqual({ id: 'm-1', text: 'At seven\n\nor so', item: message, changed: false });
  expect(kept.draft('room')).toBe('half a thought');

  after.endEdit();
  after.endReply();
  await after.flush();
  expect([...kept.texts.keys()]).toEqual(['room']);
  expect(setup(kept)).toMatchObject({ edit: null, replyTo: null });
});

test('[EDIT-5] an edit emptied to its last letter is still an edit', async () => {
  const kept = new KeptDrafts();
  const composing = setup(kept, null);
  composing.beginEdit(message);
  composing.setEdit('');
  await composing.flush();
  expect(setup(kept, null).edit).toEqual({ id: 'm-1', text: '', item: null, changed: false });
});

test('[EDIT-8] changes that were not saved are there again when the message is edited again, over a restart too', async () => {
  const kept = new KeptDrafts();
  const composing = setup(kept);
  const other = { id: 'm-2', body: 'High water at noon' } as MessageItem;
  composing.beginEdit(message);
  composing.setEdit('Low water at seven');
  composing.reply(other);
  expect(composing.edit).toBeNull();
  expect(composing.isAside('m-1')).toBe(true);
  await composing.flush();

  const after = setup(kept);
  after.beginEdit(other);
  after.setEdit('High water at one');
  after.beginEdit(message);
  expect(after.edit?.text).toBe('Low water at seven');
  after.setEdit('Low water at eight');
  after.putEditAside();
  after.beginEdit(message);
  expect(after.edit?.text).toBe('Low water at eight');
  // Left once more as they are, they go.
  after.putEditAside();
  after.beginEdit(message);
  expect(after.edit?.text).toBe(message.body);
  after.putEditAside();
  expect(after.isAside('m-1')).toBe(false);
  after.beginEdit(other);
  expect(after.edit?.text).toBe('High water at one');
  after.endEdit();
  await after.flush();
  expect([...kept.texts.keys()]).toEqual(['room/reply']);
});

test('[EDIT-8] the oldest of many edits that were left goes', () => {
  const composing = setup(new KeptDrafts());
  for (let at = 0; at <= 20; at += 1) {
    composing.beginEdit({ id: `m-${at}`, body: '' } as MessageItem);
    composing.setEdit(`words ${at}`);
  }
  composing.putEditAside();
  expect(composing.isAside('m-0')).toBe(false);
  expect(composing.isAside('m-1')).toBe(true);
  expect(composing.isAside('m-20')).toBe(true);
});

test('[EDIT-5] without an edit there is nothing to set, and answering ends one', () => {
  const composing = setup(new KeptDrafts());
  composing.setEdit('stray');
  expect(composing.edit).toBeNull();
  composing.beginEdit(message);
  composing.reply(message);
  expect(composing.edit).toBeNull();
});

/** A message whose words are changed elsewhere while one edits it. */
function changing(kept = new KeptDrafts()) {
  let now = message;
  const open = () => {
    const composing = new Composing({
      ...{ room: 'room', saved: () => undefined },
      quote: (id) => ({ id, author: null, body: null }),
      item: () => now
    });
    composing.attach(kept);
    return composing;
  };
  const change = (body: string): MessageItem => (now = { ...message, body });
  return { open, change };
}

test('[EDIT-9] of words that were changed elsewhere one is told, over a restart too, until one keeps one’s own or leaves them', async () => {
  const { open, change } = changing();
  const before = open();
  before.beginEdit(message);
  before.setEdit('At seven');
  expect(before.edit?.changed).toBe(false);
  change('At eight');
  expect(before.edit).toMatchObject({ text: 'At seven', changed: true });
  await before.flush();
  const after = open();
  expect(after.edit).toMatchObject({ text: 'At seven', changed: true });
  after.keepEdit();
  expect(after.edit).toMatchObject({ text: 'At seven', changed: false });
  change('At nine');
  expect(after.edit?.changed).toBe(true);
  after.endEdit();
  after.beginEdit(change('At nine'));
  expect(after.edit).toMatchObject({ text: 'At nine', changed: false });
});

test('[EDIT-9] who has typed nothing yet, or the same, has nothing to choose', () => {
  const { open, change } = changing();
  const composing = open();
  composing.beginEdit(message);
  change('At eight');
  expect(composing.edit).toMatchObject({ text: 'At eight', changed: false });
  composing.setEdit('At eight, or so');
  expect(composing.edit).toMatchObject({ text: 'At eight, or so', changed: false });
  change('At eight, or so ');
  expect(composing.edit?.changed).toBe(false);
  change('At nine');
  expect(composing.edit?.changed).toBe(true);
});

test('[EDIT-9] an edit that was left is told of changes when it is taken up again, one that was kept before this was known is not', async () => {
  const kept = new KeptDrafts();
  const { open, change } = changing(kept);
  const composing = open();
  composing.beginEdit(message);
  composing.setEdit('At seven');
  composing.putEditAside();
  composing.beginEdit(change('At eight'));
  expect(composing.edit).toMatchObject({ text: 'At seven', changed: true });
  composing.endEdit();
  await composing.flush();
  await kept.setDraft('room/edits', JSON.stringify([['m-1', 'At ten']]));
  const before = open();
  before.beginEdit(change('At eight'));
  expect(before.edit).toMatchObject({ text: 'At ten', changed: false });
});

test('[EDIT-5] what two windows of a room put aside is all there when it is edited again, in either of them', async () => {
  const kept = new KeptDrafts();
  const [one, other] = [setup(kept), setup(kept)];
  const another = { id: 'm-2', body: 'High water at noon' } as MessageItem;
  const putAside = async (composing: Composing, item: MessageItem, words: string) => {
    composing.beginEdit(item);
    composing.setEdit(words);
    composing.putEditAside();
    await composing.flush();
  };
  await putAside(one, message, 'Low water at seven');
  await putAside(other, another, 'High water at one');
  one.beginEdit(another);
  expect(one.edit?.text).toBe('High water at one');
  one.putEditAside();
  await one.flush();
  other.beginEdit(message);
  expect(other.edit?.text).toBe('Low water at seven');
});
