import 'fake-indexeddb/auto';
import { expect, onTestFinished, test } from 'vitest';
import type { ScheduledEntry, ScheduledOutcome } from '#protocol/api/scheduled.ts';
import type { Entry } from '#protocol/entry.ts';
import { eventually } from '../../../tests/eventually.ts';
import type { Result } from '../model/result.ts';
import { UserDb } from '../storage/user-db.ts';
import { ScheduledMessages } from './scheduled-messages.ts';

const ROOM = 'r'.repeat(22);
const ANN = `u${'a'.repeat(22)}`;
const HOUR_MS = 3_600_000;
let serial = 0;

/** The server's part, as far as a device sees it. */
class Server {
  readonly kept = new Map<string, Entry>();
  readonly sent = new Map<string, Entry>();
  refused: ScheduledEntry['refused'] = null;
  reachable = true;
  /** Answers get lost on the way back. */
  deaf = false;
  puts = 0;
  lacksFiles = false;

  async get<Value>(): Promise<Result<Value>> {
    return this.#answer([...this.kept.values()].map((entry) => ({ room: ROOM, entry, refused: this.refused })));
  }
  async put<Value>(_path: string, body: unknown): Promise<Result<Value>> {
    if (!this.reachable) return offline;
    this.puts += 1;
    const { entry } = body as { readonly entry: Entry };
    if (this.lacksFiles) return this.#answer({ outcome: 'refused', code: 'attachment' } satisfies ScheduledOutcome);
    if (this.sent.has(entry.id)) return this.#answer({ outcome: 'sent' } satisfies ScheduledOutcome);
    this.kept.set(entry.id, entry);
    return this.#answer({ outcome: 'kept' } satisfies ScheduledOutcome);
  }
  async delete<Value>(path: string): Promise<Result<Value>> {
    if (!this.reachable) return offline;
    const id = path.split('/').at(-1)!;
    const outcome = this.sent.has(id) ? 'sent' : this.kept.delete(id) ? 'removed' : 'absent';
    return this.#answer({ outcome } satisfies ScheduledOutcome);
  }
  fire(id: string): void {
    this.sent.set(id, this.kept.get(id)!);
    this.kept.delete(id);
  }
  #answer<Value>(value: unknown): Result<Value> {
    return this.reachable && !this.deaf ? { ok: true, value: value as Value } : offline;
  }
}
const offline = { ok: false, code: 'offline', message: '' } as const;

async function setup(server = new Server()) {
  serial += 1;
  const name = `scheduled${serial}`;
  const clock = { nowMs: 1_000_000 };
  const outbox: Entry[] = [];
  const tooLate: string[] = [];
  const files = { ready: true, missing: [] as string[], erased: [] as string[] };
  const start = async () => {
    const db = new UserDb(name, () => undefined);
    const messages: ScheduledMessages = new ScheduledMessages({
      db,
      api: server,
      signer: {
        ready: true,
        isCurrent: () => true,
        sign: async (_room, entry) => ({ ...entry, signature: `s${entry.sentAt}` })
      },
      now: () => clock.nowMs,
      leads: () => true,
      deliver: async (_room, entry) => void outbox.push(entry),
      files: {
        ready: () => files.ready,
        missing: ({ id }) => {
          files.ready = false;
          files.missing.push(id);
        },
        erase: (_room, id) => void files.erased.push(id)
      },
      announce: () => undefined,
      changed: () => undefined,
      tooLate: (room) => tooLate.push(room)
    });
    await messages.load();
    onTestFinished(async () => {
      await messages.close();
      db.close();
    });
    return { messages, crash: () => db.close() };
  };
  const later = (inMs = HOUR_MS): Entry => {
    serial += 1;
    return {
      id: `entry-${String(serial).padStart(4, '0')}`,
      type: 'message',
      author: ANN,
      sentAt: clock.nowMs + inMs,
      body: 'hi'
    };
  };
  const pass = (messages: ScheduledMessages, ms: number): void => {
    clock.nowMs += ms;
    messages.wake();
  };
  const withFile = (inMs?: number): Entry => ({
    ...later(inMs),
    attachments: [{ hash: 'h'.repeat(43), name: 'plan.pdf', type: 'application/pdf', size: 3 }]
  });
  return { server, clock, outbox, tooLate, files, start, later, withFile, pass };
}

const states = (messages: ScheduledMessages): string[] => messages.of(ROOM).map(({ state }) => state);

test('[SCHED-10] it is kept on the device, handed to the server with the next line, and goes when it was sent', async () => {
  const { server, start, later, pass, outbox } = await setup();
  const { messages } = await start();
  const entry = later();
  expect(await messages.add(ROOM, entry)).toEqual({ ok: true });
  expect([states(messages), messages.unsent]).toEqual([['device'], 1]);
  messages.lineUp();
  await eventually(() => expect(states(messages)).toEqual(['server']));
  expect([...server.kept.keys()]).toEqual([entry.id]);
  server.fire(entry.id);
  pass(messages, HOUR_MS);
  await eventually(() => expect(states(messages)).toEqual([]));
  expect([outbox, messages.unsent]).toEqual([[], 0]);
});

test('[SCHED-11] what the server never got is sent by this device at its time, over a restart, without a line too', async () => {
  const { start, later, clock, outbox } = await setup();
  const first = await start();
  const entry = later();
  await first.messages.add(ROOM, entry);
  first.crash();
  clock.nowMs += 2 * HOUR_MS;
  const { messages } = await start();
  messages.wake();
  await eventually(() => expect(outbox.map(({ id }) => id)).toEqual([entry.id]));
  await eventually(() => expect(states(messages)).toEqual([]));
});

test('[SCHED-11] what the server may have is not sent beside it, whatever answer was lost', async () => {
  const { server, start, later, pass, outbox, tooLate } = await setup();
  const { messages } = await start();
  server.deaf = true;
  messages.lineUp();
  const entry = later();
  await messages.add(ROOM, entry);
  await eventually(() => expect(server.puts).toBeGreaterThan(0));
  messages.lineDown();
  server.fire(entry.id);
  pass(messages, HOUR_MS);
  await eventually(() => expect(states(messages)).toEqual(['device']));
  expect(outbox).toEqual([]);
  server.deaf = false;
  messages.lineUp();
  await eventually(() => expect(states(messages)).toEqual([]));
  expect([outbox, tooLate]).toEqual([[], [ROOM]]);
});

test('[SCHED-12] another time, sending now and taking back work without a line, and what was sent meanwhile is not sent again', async () => {
  const { server, start, later, clock, outbox, tooLate } = await setup();
  const { messages } = await start();
  messages.lineUp();
  const [moved, now, removed, gone] = [later(), later(), later(), later()];
  for (const entry of [moved, now, removed, gone]) await messages.add(ROOM, entry);
  await eventually(() => expect(states(messages)).toEqual(['server', 'server', 'server', 'server']));
  messages.lineDown();
  server.reachable = false;
  await messages.change(ROOM, moved.id, { sentAt: clock.nowMs + 5 * HOUR_MS });
  await messages.change(ROOM, now.id, { sentAt: clock.nowMs });
  await messages.change(ROOM, gone.id, { sentAt: clock.nowMs });
  await messages.remove(ROOM, removed.id);
  expect(messages.of(ROOM).map(({ id }) => id)).not.toContain(removed.id);
  expect(outbox).toEqual([]);
  // Its time came, and the server sent it, before this device could say that it should not.
  server.fire(gone.id);
  server.reachable = true;
  messages.lineUp();
  await eventually(() => expect(messages.of(ROOM).map(({ id, state }) => [id, state])).toEqual([[moved.id, 'server']]));
  expect(outbox.map(({ id }) => id)).toEqual([now.id]);
  expect(server.kept.get(moved.id)).toMatchObject({ sentAt: clock.nowMs + 5 * HOUR_MS });
  expect([server.kept.size, tooLate]).toEqual([1, [ROOM]]);
});

test('[SCHED-13] what the server refused at its time, or another device scheduled, shows here', async () => {
  const { server, start, later, clock } = await setup();
  const { messages } = await start();
  const elsewhere = later();
  server.kept.set(elsewhere.id, elsewhere);
  messages.lineUp();
  await eventually(() => expect(states(messages)).toEqual(['server']));
  server.refused = 'signature';
  messages.wake();
  await eventually(() => expect(messages.of(ROOM)).toMatchObject([{ state: 'refused', code: 'signature' }]));
  server.refused = null;
  await messages.change(ROOM, elsewhere.id, { sentAt: clock.nowMs + HOUR_MS });
  await eventually(() => expect(states(messages)).toEqual(['server']));
  server.kept.clear();
  messages.wake();
  await eventually(() => expect(states(messages)).toEqual([]));
});

test('[SCHED-16] it is handed over when the server has its files; at its time it goes to the outbox, where they go on', async () => {
  const { server, files, start, withFile, pass, outbox } = await setup();
  const { messages } = await start();
  files.ready = false;
  messages.lineUp();
  const [soon, late] = [withFile(), withFile(2 * HOUR_MS)];
  for (const entry of [soon, late]) await messages.add(ROOM, entry);
  expect(messages.waiting().map(({ id }) => id)).toEqual([soon.id, late.id]);
  pass(messages, HOUR_MS);
  await eventually(() => expect(outbox.map(({ id }) => id)).toEqual([soon.id]));
  expect(server.puts).toBe(0);
  files.ready = true;
  messages.wake();
  await eventually(() => expect(states(messages)).toEqual(['server']));
  expect([messages.waiting(), files.erased]).toEqual([[], []]);
});

test('[SCHED-16] a file that the server lacks after all goes up once more; the second time it is said', async () => {
  const { server, files, start, withFile } = await setup();
  const { messages } = await start();
  server.lacksFiles = true;
  const entry = withFile();
  await messages.add(ROOM, entry);
  messages.lineUp();
  await eventually(() => expect(files.missing).toEqual([entry.id]));
  await eventually(() => expect(messages.of(ROOM)).toMatchObject([{ state: 'device', told: false }]));
  files.ready = true;
  messages.wake();
  await eventually(() => expect(messages.of(ROOM)).toMatchObject([{ state: 'refused', code: 'attachment' }]));
  expect(files.missing).toEqual([entry.id]);
  // Asked for anew by its author.
  server.lacksFiles = false;
  await messages.change(ROOM, entry.id, { sentAt: entry.sentAt + 1 });
  await eventually(() => expect(states(messages)).toEqual(['server']));
});

test('[SCHED-16] what cannot go up says so on this device, and is tried again at another time', async () => {
  const { files, start, withFile } = await setup();
  const { messages } = await start();
  files.ready = false;
  const entry = withFile();
  await messages.add(ROOM, entry);
  await messages.fail(ROOM, entry.id, 'upload-quota');
  expect(messages.of(ROOM)).toMatchObject([{ state: 'refused', code: 'upload-quota' }]);
  expect(messages.waiting()).toEqual([]);
  messages.lineUp();
  files.ready = true;
  await messages.change(ROOM, entry.id, { sentAt: entry.sentAt + 1 });
  await eventually(() => expect(states(messages)).toEqual(['server']));
});

test('[SCHED-16] what cannot go up any more stays here and says so, though the server may have heard of it', async () => {
  const { server, files, start, withFile, later } = await setup();
  const { messages } = await start();
  const entry = withFile();
  server.reachable = false;
  await messages.add(ROOM, entry);
  messages.lineUp();
  await eventually(() => expect(messages.of(ROOM)).toMatchObject([{ state: 'device', told: true }]));
  // The files that were there have gone meanwhile, and there is no place for them any more.
  files.ready = false;
  await messages.fail(ROOM, entry.id, 'upload-quota');
  server.reachable = true;
  const elsewhere = later();
  server.kept.set(elsewhere.id, elsewhere);
  messages.wake();
  await eventually(() => expect(messages.of(ROOM).map(({ id }) => id)).toContain(elsewhere.id));
  await messages.close();
  expect(messages.of(ROOM)).toMatchObject([
    { id: entry.id, state: 'refused', code: 'upload-quota' },
    { id: elsewhere.id, state: 'server' }
  ]);
  expect(files.erased).toEqual([]);
});

test('[SCHED-10] what the server refuses as it is handed over stays here, also where an answer was lost before', async () => {
  const { server, start, later } = await setup();
  const { messages } = await start();
  const entry = later();
  server.reachable = false;
  await messages.add(ROOM, entry);
  messages.lineUp();
  await eventually(() => expect(messages.of(ROOM)).toMatchObject([{ state: 'device', told: true }]));
  server.lacksFiles = true;
  server.reachable = true;
  messages.wake();
  await eventually(() => expect(server.puts).toBe(1));
  await messages.close();
  expect(messages.of(ROOM)).toMatchObject([{ id: entry.id, state: 'refused', code: 'attachment' }]);
});

test('[SCHED-16] the files of what is taken back go from this device, here or on another one; of what is sent they stay', async () => {
  const { server, files, start, withFile, pass } = await setup();
  const { messages } = await start();
  const [unsent, here, elsewhere, sent] = [withFile(), withFile(), withFile(), withFile()];
  await messages.add(ROOM, unsent);
  await messages.remove(ROOM, unsent.id);
  expect(files.erased).toEqual([unsent.id]);
  for (const entry of [here, elsewhere, sent]) await messages.add(ROOM, entry);
  messages.lineUp();
  await eventually(() => expect(states(messages)).toEqual(['server', 'server', 'server']));
  await messages.remove(ROOM, here.id);
  await eventually(() => expect(files.erased).toEqual([unsent.id, here.id]));
  server.kept.delete(elsewhere.id);
  messages.wake();
  await eventually(() => expect(files.erased).toEqual([unsent.id, here.id, elsewhere.id]));
  server.fire(sent.id);
  pass(messages, 2 * HOUR_MS);
  await eventually(() => expect(states(messages)).toEqual([]));
  expect(files.erased).toHaveLength(3);
});
