import webPush from 'web-push';
import { describe, expect, test } from 'vitest';
import { newEntryId, newRoomId } from '#protocol/ids.ts';
import { readPush } from '#protocol/push.ts';
import { pushPayload, type Pushed } from './push-message.ts';
import { BrowserKeys } from './testing/browser-keys.ts';

const [room, thread] = [newRoomId(), newEntryId(1)];
const pushed: Pushed = {
  ...{ kind: 'message', room, id: newEntryId(2), thread, n: null, count: 99_999, badge: 99_999, mention: true },
  ...{ author: 'Bo', text: 'hello', read: [] }
};
const WISH = { content: true, origin: `https://${'chat.'.repeat(40)}example.org`, serverName: 'Roost' };
const TAGS = Array.from({ length: 20 }, (_, at) => `${newRoomId()}/${newEntryId(at)}`);

describe('[PUSH-19] what a push service gets is never more than it takes, whatever is in it', () => {
  test.for<[what: string, more: Partial<Pushed>]>([
    ['letters', { text: 'x'.repeat(400) }],
    ['three bytes each', { text: '海'.repeat(400), author: '海'.repeat(80) }],
    ['four bytes each', { text: '😀'.repeat(200), author: '😀'.repeat(40), read: TAGS }],
    ['six bytes each, as JSON has them', { text: '\u0001'.repeat(400), author: '\u0001'.repeat(80), read: TAGS }],
    ['much that was read', { read: [...TAGS, ...TAGS, ...TAGS, ...TAGS] }]
  ])('%s', ([, more]) => {
    const payload = pushPayload({ ...pushed, ...more }, WISH);
    const { keys } = new BrowserKeys();
    const { cipherText } = webPush.encrypt(keys.p256dh, keys.auth, payload, 'aes128gcm');
    expect(cipherText.length).toBeLessThanOrEqual(4_096);
    const data = readPush(payload)!;
    expect(data.text!.length).toBeGreaterThan(0);
    expect(data.text).not.toMatch(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])/);
  });

  test('what fits is told as it is', () => {
    const data = readPush(pushPayload({ ...pushed, text: 'é'.repeat(200), read: TAGS.slice(0, 10) }, WISH))!;
    expect([data.text, data.read]).toEqual(['é'.repeat(200), TAGS.slice(0, 10)]);
  });
});

test('[PUSH-5] what was said is pushed as one reads it, without its marks', () => {
  const text = '**Low water** at `six`, see [the table](https://tides.example/today)\n- bring _boots_';
  const read = (more: Partial<Pushed>) => readPush(pushPayload({ ...pushed, ...more }, WISH))!.text;
  expect(read({ text })).toBe('Low water at six, see the table\n• bring boots');
  expect(read({ text: `**${'x'.repeat(16_000)}**` })).toMatch(/^\**x{190,200}…$/);
  expect(read({ text: '📎 2_final_2.pdf' })).toBe('📎 2_final_2.pdf');
});
