import { expect, test } from 'vitest';
import type { Composition } from '../../../../lib/model/composition.ts';
import type { MessageItem } from '../../../../lib/model/timeline-item.ts';
import { answered, composerDeed, lastOwn } from './composer-deed.ts';

const ME = { id: 'me', name: 'Ann' } as MessageItem['author'];
const message = (change: Partial<MessageItem> = {}): MessageItem => ({
  ...{ kind: 'message', id: 'm-1', author: ME, own: true, body: 'Low water at six', action: false, sentAt: 1 },
  ...{ arrivedAt: 2, late: false, state: 'arrived', failure: null, replyTo: null, redacted: null, versions: [] },
  ...{
    reactions: [],
    mentions: null,
    attachments: [],
    poll: null,
    preview: null,
    forwarded: null,
    proof: 'signed',
    n: 1
  },
  ...change
});
const GONE = { by: ME, own: false, withAccount: false };

function room(
  edit: { item: MessageItem | null; text: string; changed?: boolean } | null,
  acts: { removing?: string; mayRedact?: boolean } = {}
) {
  const composition = { edit: edit && { id: 'm-1', ...edit }, replyTo: null } as unknown as Composition;
  const redacting = new Set(acts.removing === undefined ? [] : [acts.removing]);
  return { composition, acts: { redacting, mayRedact: () => acts.mayRedact ?? true } } as unknown as Parameters<
    typeof composerDeed
  >[0];
}

test('[EDIT-1] without an edit Enter sends, with one it saves', () => {
  expect(composerDeed(room(null))).toEqual({ deed: { kind: 'send' }, button: 'send', note: null });
  const item = message();
  expect(composerDeed(room({ item, text: 'At seven' }))).toEqual({
    deed: { kind: 'save', item },
    button: 'save',
    note: null
  });
});

test('[REPLY-1] a message that is gone is not quoted by what is sent then', () => {
  const replying = (gone?: true) => {
    const replyTo = { id: 'm-1', author: null, body: 'Low water at six', ...(gone && { gone }) };
    return { composition: { ...room(null).composition, replyTo } };
  };
  expect(answered(replying())).toBe('m-1');
  expect(answered(replying(true))).toBeNull();
  expect(answered(room(null))).toBeNull();
});

test('[EDIT-9] words that were changed elsewhere are not saved over before one has chosen', () => {
  const item = message();
  expect(composerDeed(room({ item, text: 'At seven', changed: true })).deed).toEqual({ kind: 'choose', item });
  expect(composerDeed(room({ item, text: '', changed: true })).deed.kind).toBe('choose');
  const gone = message({ redacted: GONE });
  expect(composerDeed(room({ item: gone, text: 'At seven', changed: true })).deed.kind).toBe('send-anew');
});

test('[EDIT-2] an edit that leaves nothing offers to remove the message, where that is allowed', () => {
  const item = message();
  expect(composerDeed(room({ item, text: ' \n' }))).toMatchObject({ deed: { kind: 'remove', item }, button: 'remove' });
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
  expect(composerDeed(room({ item: null, text: 'At seven' }))).toMatchObject({
    deed: { kind: 'none' },
    button: 'save'
  });
});

/** As the rules have it: words that are there and no poll. */
const editing = (...redacting: string[]) =>
  ({
    redacting: new Set(redacting),
    mayEdit: ({ redacted, poll, state }: MessageItem) => !redacted && poll === null && state === 'arrived'
  }) as unknown as Parameters<typeof lastOwn>[0]['acts'];

test('[EDIT-4] ↑ takes the newest message of one’s own that is there', () => {
  const old = message({ id: 'old' });
  const timeline = [
    old,
    message({ id: 'gone', redacted: GONE }),
    message({ id: 'going' }),
    message({ id: 'theirs', own: false })
  ];
  const acts = editing('going');
  expect(lastOwn({ timeline, acts })).toBe(old);
  expect(lastOwn({ timeline: timeline.slice(1), acts })).toBeNull();
});

test('[EDIT-4] ↑ passes over a poll of one’s own, sent or refused, to what can be edited', () => {
  const words = message({ id: 'words' });
  const refused = message({ id: 'refused', state: 'failed', n: null });
  const poll = { options: [] } as unknown as MessageItem['poll'];
  const polls = [message({ id: 'poll', poll }), message({ id: 'refused-poll', poll, state: 'failed', n: null })];
  expect(lastOwn({ timeline: [words, ...polls], acts: editing() })).toBe(words);
  expect(lastOwn({ timeline: [words, refused, ...polls], acts: editing() })).toBe(refused);
});

test('[FILE-3] a caption is edited to nothing: the files stand for themselves', () => {
  const file = { hash: 'h', name: 'plan.pdf', type: 'application/pdf', size: 4 };
  const item = message({ attachments: [file] });
  expect(composerDeed(room({ item, text: '' })).deed).toEqual({ kind: 'save', item });
  expect(composerDeed(room({ item: message(), text: '' })).deed.kind).toBe('remove');
});
