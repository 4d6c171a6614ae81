import { expect, test } from 'vitest';
import type { Composition, MessageItem } from '../../../../lib/model/app-model.ts';
import { composerDeed, lastOwn } from './composer-deed.ts';

const ME = { id: 'me', name: 'Ann' } as MessageItem['author'];
const message = (change: Partial<MessageItem> = {}): MessageItem => ({
  ...{ kind: 'message', id: 'm-1', author: ME, own: true, body: 'Low water at six', action: false, sentAt: 1 },
  ...{ arrivedAt: 2, late: false, state: 'arrived', failure: null, replyTo: null, redacted: null, versions: [] },
  ...{ reactions: [], mentions: null, poll: null, forwarded: null, proof: 'signed', n: 1 },
  ...change
});
const GONE = { by: ME, own: false, withAccount: false };

function room(
  edit: { item: MessageItem | null; text: string } | null,
  acts: { removing?: string; mayRedact?: boolean } = {}
) {
  const composition = { edit: edit && { id: 'm-1', ...edit }, replyTo: null } as unknown as Composition;
  const redacting = new Set(acts.removing === undefined ? [] : [acts.removing]);
  return { composition, acts: { redacting, mayRedact: () => acts.mayRedact ?? true } } as unknown as Parameters<
    typeof composerDeed
  >[0];
}

test('[EDIT-1] without an edit Enter sends, with one it saves', () => {
  expect(composerDeed(room(null))).toEqual({ deed: { kind: 'send' }, label: 'Send', note: null });
  const item = message();
  expect(composerDeed(room({ item, text: 'At seven' }))).toEqual({
    deed: { kind: 'save', item },
    label: 'Save',
    note: null
  });
});

test('[EDIT-2] an edit that leaves nothing offers to remove the message, where that is allowed', () => {
  const item = message();
  expect(composerDeed(room({ item, text: ' \n' }))).toMatchObject({ deed: { kind: 'remove', item }, label: 'Remove' });
  expect(composerDeed(room({ item, text: '' }, { mayRedact: false })).deed.kind).toBe('none');
});

test.each([
  ['removed by somebody', message({ redacted: GONE }), undefined],
  ['removed by oneself a moment ago', message(), 'm-1'],
  ['refused', message({ state: 'failed' }), undefined],
  ['not kept by this device', message({ state: 'not-saved' }), undefined]
])('[EDIT-3] where the message was %s meanwhile, the words can go out as a new one', (_how, item, removing) => {
  const { deed, note } = composerDeed(room({ item, text: 'At seven' }, { ...(removing && { removing }) }));
  expect(deed.kind).toBe('send-anew');
  expect(note).toContain('new one');
});

test('[EDIT-3] a message that is not loaded is not guessed at', () => {
  expect(composerDeed(room({ item: null, text: 'At seven' }))).toMatchObject({ deed: { kind: 'none' }, label: 'Save' });
});

test('[EDIT-4] ↑ takes the newest message of one’s own that is there', () => {
  const old = message({ id: 'old' });
  const timeline = [
    old,
    message({ id: 'gone', redacted: GONE }),
    message({ id: 'going' }),
    message({ id: 'theirs', own: false })
  ];
  const acts = { redacting: new Set(['going']) } as unknown as Parameters<typeof lastOwn>[0]['acts'];
  expect(lastOwn({ timeline, acts })).toBe(old);
  expect(lastOwn({ timeline: timeline.slice(1), acts })).toBeNull();
});
