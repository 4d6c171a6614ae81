import { expect, test } from 'vitest';
import type { Fetched } from './files.ts';
import { WantedFiles } from './wanted-files.ts';

const ROOM = 'r'.repeat(22);
const claim = (hash: string) => ({ hash, type: 'text/plain', size: 4 });

function setup() {
  const disk = new Map<string, unknown>();
  const line = {
    answer: { kind: 'offline' } as Fetched,
    answering: Promise.resolve(),
    asked: [] as string[],
    up: false,
    diskFails: false
  };
  const open = async () => {
    const wanted = new WantedFiles({
      db: {
        meta: async <Value>(key: string) => {
          if (line.diskFails) throw new DOMException('no disk', 'InvalidStateError');
          return disk.get(key) as Value | undefined;
        },
        putMeta: async (key: string, value: unknown) => {
          disk.set(key, structuredClone(value));
          return { ok: true as const };
        }
      },
      isUp: () => line.up,
      fetch: async (_room, _entry, { hash }) => {
        line.asked.push(hash);
        const { answer } = line;
        await line.answering;
        return answer;
      }
    });
    await wanted.load();
    return wanted;
  };
  return { line, open };
}

test('[DOWNLOAD-2] what is wanted without a network is fetched with the next line, once, also after a restart', async () => {
  const { line, open } = setup();
  const first = await open();
  await Promise.all([first.want(ROOM, 'message-1', claim('plan')), first.want(ROOM, 'message-2', claim('song'))]);
  await first.want(ROOM, 'message-1', claim('plan'));
  const wanted = await open();
  expect([wanted.has('plan'), wanted.has('song'), wanted.has('other')]).toEqual([true, true, false]);
  await wanted.lineUp();
  // No line after all: the others are not asked for either.
  expect(line.asked).toEqual(['song']);
  line.answer = { kind: 'here', bytes: new Blob(['plan']) };
  await Promise.all([wanted.lineUp(), wanted.lineUp()]);
  expect(line.asked).toEqual(['song', 'song', 'plan']);
  expect([wanted.has('plan'), wanted.has('song')]).toEqual([false, false]);
  await (await open()).lineUp();
  expect(line.asked).toHaveLength(3);
});

test('[DOWNLOAD-2] what the server has no more is not wanted any longer', async () => {
  const { line, open } = setup();
  const wanted = await open();
  let told = 0;
  wanted.listen(() => (told += 1));
  await wanted.want(ROOM, 'message-1', claim('plan'));
  line.answer = { kind: 'absent' };
  await wanted.lineUp();
  expect([wanted.has('plan'), told]).toEqual([false, 2]);
});

test('[DOWNLOAD-2] what is wanted while there is a line after all comes with that one, also while another file comes', async () => {
  const { line, open } = setup();
  const wanted = await open();
  line.up = true;
  line.answer = { kind: 'here', bytes: new Blob(['plan']) };
  await Promise.all([wanted.want(ROOM, 'message-1', claim('plan')), wanted.want(ROOM, 'message-2', claim('song'))]);
  await expect.poll(() => [wanted.has('plan'), wanted.has('song')]).toEqual([false, false]);
  expect(line.asked).toEqual(['plan', 'song']);
});

test('[DOWNLOAD-2] what failed on a line that went comes with the one that came meanwhile', async () => {
  const { line, open } = setup();
  const wanted = await open();
  await wanted.want(ROOM, 'message-1', claim('plan'));
  const hanging = Promise.withResolvers<void>();
  line.answering = hanging.promise;
  const before = wanted.lineUp();
  expect(line.asked).toEqual(['plan']);
  const next = wanted.lineUp();
  line.answer = { kind: 'here', bytes: new Blob(['plan']) };
  hanging.resolve();
  await Promise.all([before, next]);
  expect(wanted.has('plan')).toBe(false);
});

test('[DOWNLOAD-2] where there is no disk, a wish holds as long as the tab', async () => {
  const { line, open } = setup();
  const wanted = await open();
  line.diskFails = true;
  await wanted.want(ROOM, 'message-1', claim('plan'));
  await wanted.want(ROOM, 'message-2', claim('song'));
  expect([wanted.has('plan'), wanted.has('song')]).toEqual([true, true]);
  line.answer = { kind: 'here', bytes: new Blob(['plan']) };
  await wanted.lineUp();
  expect([wanted.has('plan'), wanted.has('song')]).toEqual([false, false]);
});
