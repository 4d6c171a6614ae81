import { expect, test } from 'vitest';
import type { Result } from '../model/result.ts';
import { ServerCopy } from './server-copy.svelte.ts';

test('an older answer never takes the place of a newer one, and what was there stays when the next cannot be had', async () => {
  const asked: ((answer: Result<string>) => void)[] = [];
  const copy = new ServerCopy<string>(() => new Promise((answer) => asked.push(answer)));
  const loads = [copy.load(), copy.load()];
  asked[1]!({ ok: true, value: 'newer' });
  asked[0]!({ ok: true, value: 'older' });
  await Promise.all(loads);
  expect([copy.value, copy.problem]).toEqual(['newer', null]);
  const again = copy.load();
  asked[2]!({ ok: false, code: 'offline', message: 'No network.' });
  await again;
  expect([copy.value, copy.problem]).toEqual(['newer', 'No network.']);
});
