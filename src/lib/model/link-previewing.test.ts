import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PageSummary, PreviewAnswer } from '#protocol/api/preview.ts';
import { BODY_MAX_CHARS, ENTRY_MAX_BYTES } from '#protocol/limits.ts';
import { canonicalBytes } from '#protocol/canonical.ts';
import type { Preview } from '#protocol/preview.ts';
import type { Result } from './result.ts';
import { fittingPreview } from './fitting-preview.ts';
import { LinkPreviewing } from './link-previewing.svelte.ts';

const [A, B] = ['https://a.example/x', 'https://b.example/'] as const;
const picture = { type: 'image/png', data: 'AAAA' };
const small = {
  ...({ type: 'image/webp', width: 8, height: 6 } as const),
  data: 'UklGRjQAAABXRUJQVlA4ICgAAACQAQCdASoIAAYAAsBMJaACdLoAA5gA/ujXHrz1McX/5mj9JvpN3MAA'
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setup(page: PageSummary | null = { title: 'Tide' }, drafts = new Map<string, string>()) {
  const there = {
    on: true,
    connected: true,
    asked: [] as string[],
    answer: (): Promise<Result<PreviewAnswer>> => Promise.resolve({ ok: true, value: { page } })
  };
  const preview = new LinkPreviewing({
    of: 'a room',
    on: () => there.on,
    connected: () => there.connected,
    ask: (url) => {
      there.asked.push(url);
      return there.answer();
    },
    makeSmall: () => Promise.resolve(small),
    isOwn: (url) => url.startsWith('https://roost.example/')
  });
  preview.attach({
    draft: (of) => drafts.get(of) ?? '',
    setDraft: async (of, text) => void drafts.set(of, text)
  });
  const rest = () => vi.advanceTimersByTimeAsync(1_000);
  return { there, preview, rest };
}

describe('[PREVIEW-11] the first link of what is written', () => {
  test('is asked for once the keys rest, and once for the same words and others around them', async () => {
    const { there, preview, rest } = setup({ title: 'Tide', site: 'Tables', picture });
    for (const end of [9, 12, 15, A.length]) preview.look(A.slice(0, end));
    expect(there.asked).toEqual([]);
    await rest();
    expect(there.asked).toEqual([A]);
    expect(preview.card).toEqual({ url: A, title: 'Tide', site: 'Tables', picture: small });
    preview.look(`See ${A}, or ${B}`);
    await rest();
    expect(there.asked).toEqual([A]);
    expect(preview.card?.url).toBe(A);
  });

  test('goes as the link goes, and what was under way for it', async () => {
    const { there, preview, rest } = setup();
    preview.look(A);
    await rest();
    preview.look(`${A}y`);
    expect(preview.card).toBeNull();
    let answer!: (value: Result<PreviewAnswer>) => void;
    there.answer = () => new Promise((resolve) => (answer = resolve));
    await rest();
    expect(there.asked).toEqual([A, `${A}y`]);
    preview.look('no link');
    answer({ ok: true, value: { page: { title: 'Late' } } });
    await rest();
    expect(preview.card).toBeNull();
  });

  test('is not of this server, nor in code', async () => {
    const { there, preview, rest } = setup();
    for (const words of ['https://roost.example/room/x', '`' + A + '`', 'words']) preview.look(words);
    await rest();
    expect(there.asked).toEqual([]);
    preview.look(`https://roost.example/room/x ${B}`);
    await rest();
    expect(there.asked).toEqual([B]);
  });
});

test('[PREVIEW-12] what is not there when it is sent does not go along, and the next message begins anew', async () => {
  const { there, preview, rest } = setup();
  preview.look(A);
  expect(preview.take(A)).toBeNull();
  await rest();
  expect(there.asked).toEqual([]);
  preview.look(A);
  await rest();
  expect(preview.take(`See ${A}`)).toEqual({ url: A, title: 'Tide' });
  expect(preview.card).toBeNull();
  preview.look(A);
  await rest();
  expect(preview.take('other words')).toBeNull();
});

test('[PREVIEW-13] left away it stays away for that link, also over a broken line', async () => {
  const { there, preview, rest } = setup();
  preview.look(A);
  await rest();
  preview.leaveAway();
  there.connected = false;
  preview.look(`${A} and`);
  there.connected = true;
  preview.look(`${A} and more`);
  await rest();
  expect([preview.card, there.asked]).toEqual([null, [A]]);
  preview.look(B);
  await rest();
  expect(preview.card?.url).toBe(B);
  preview.look(A);
  expect(preview.card).toBeNull();
});

test('[PREVIEW-13] left away it stays away while something else is in the field, and after a reload; the next message has it', async () => {
  const drafts = new Map<string, string>();
  const { there, preview, rest } = setup({ title: 'Tide' }, drafts);
  preview.look(A);
  await rest();
  preview.leaveAway();
  // Files stood in the composer for a moment, or another message was edited.
  for (const words of ['', A]) preview.look(words);
  await rest();
  expect([preview.card, there.asked]).toEqual([null, [A]]);
  preview.detach();
  const again = setup({ title: 'Tide' }, drafts);
  again.preview.look(A);
  await again.rest();
  expect([again.preview.card, again.there.asked]).toEqual([null, []]);
  expect(again.preview.take(A)).toBeNull();
  again.preview.look(A);
  await again.rest();
  expect(again.preview.card?.url).toBe(A);
});

describe('[PREVIEW-14] nothing is asked for', () => {
  test('offline; with the next line it is', async () => {
    const { there, preview, rest } = setup();
    there.connected = false;
    preview.look(A);
    await rest();
    expect(there.asked).toEqual([]);
    there.connected = true;
    preview.look(A);
    there.answer = () => Promise.resolve({ ok: false, code: 'offline', message: '' });
    await rest();
    there.answer = () => Promise.resolve({ ok: true, value: { page: { title: 'Tide' } } });
    preview.look(A);
    await rest();
    expect([preview.card?.title, there.asked]).toEqual(['Tide', [A, A]]);
  });

  test('of a page that may be good for one visit, which the asking would use up', async () => {
    const { there, preview, rest } = setup();
    const link = 'https://a.example/in?token=0123456789abcdef';
    preview.look(link);
    await rest();
    expect([preview.card, there.asked]).toEqual([null, []]);
    preview.look(`${link} or ${B}`);
    await rest();
    expect(there.asked).toEqual([B]);
  });

  test('where the person wants none', async () => {
    const { there, preview, rest } = setup();
    preview.look(A);
    await rest();
    there.on = false;
    preview.look(A);
    expect(preview.card).toBeNull();
    await rest();
    expect(there.asked).toEqual([A]);
  });

  test('twice, where the host wants none, or the page had nothing', async () => {
    const { there, preview, rest } = setup(null);
    preview.look(A);
    await rest();
    preview.look(`${A} again`);
    await rest();
    expect([preview.card, there.asked]).toEqual([null, [A]]);
    there.answer = () => Promise.resolve({ ok: false, code: 'previews-off', message: '' });
    for (const words of [B, A, B]) {
      preview.look(words);
      await rest();
    }
    expect(there.asked).toEqual([A, B]);
    // The host may want them again.
    preview.take(B);
    preview.look(B);
    await rest();
    expect(there.asked).toEqual([A, B, B]);
  });

  test('while the server says that it is asked too often; later it is', async () => {
    const { there, preview, rest } = setup();
    const { answer } = there;
    there.answer = () => Promise.resolve({ ok: false, code: 'rate-limited', message: '' });
    preview.look(A);
    await rest();
    preview.look(`${A} and`);
    await rest();
    expect([preview.card, there.asked]).toEqual([null, [A]]);
    there.answer = answer;
    await vi.advanceTimersByTimeAsync(30_000);
    expect([preview.card?.url, there.asked]).toEqual([A, [A, A]]);
  });

  test('what no message may carry is left away', async () => {
    const { preview, rest } = setup({ title: 'two\nlines' });
    preview.look(A);
    await rest();
    expect(preview.card).toBeNull();
  });
});

test('[PREVIEW-12] a preview never keeps words from being sent: with very many the picture stays away, then all of it', () => {
  const preview: Preview = {
    url: A,
    title: 'Tide',
    description: '潮'.repeat(300),
    picture: { ...small, data: 'A'.repeat(16_000) }
  };
  expect(fittingPreview(A, preview)).toEqual({ preview });
  expect(fittingPreview(A, null)).toEqual({});
  const { picture: _, ...plain } = preview;
  expect(fittingPreview(`${A} ${'潮'.repeat(14_000)}`, preview)).toEqual({ preview: plain });
  const most = `${A} ${'潮'.repeat(BODY_MAX_CHARS - A.length - 1)}`;
  expect(fittingPreview(most, preview)).toEqual({});
  for (const body of [A, `${A} ${'潮'.repeat(14_000)}`])
    expect(canonicalBytes({ body, ...fittingPreview(body, preview) })).toBeLessThan(ENTRY_MAX_BYTES - 2_000);
});
