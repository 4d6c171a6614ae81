// Crashes, cut lines, restarts, failed writes, refusals and rebuilds in any order, on the real server: in the end every
// entry that was ever shown as kept is with the server exactly once, or stands there failed with its reason.

import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { RoomModel } from '../../src/lib/model/room-model.ts';
import type { MessageItem } from '../../src/lib/model/timeline-item.ts';
import { failureWords } from '../../src/lib/model/failure-words.ts';
import { CLOCK_AHEAD_MAX_MS } from '../../src/lib/protocol/limits.ts';
import { breakWrites } from '../../src/lib/storage/testing/broken-writes.ts';
import { messages, TestDevice, until, type TestTab } from './client-fixture.ts';
import { TestServer, type TestAccount } from './server-fixture.ts';

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('send' as const), count: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('sendAndCrash' as const), afterMs: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unplug' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('plugIn' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restartServer' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('abortPageWrites' as const), count: fc.integer({ min: 1, max: 3 }) })
  },
  // Somebody sets the device's clock, ahead or right again: what it writes before it hears from the server is refused.
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('setClock' as const), ahead: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pause' as const), ms: fc.nat(40) }) }
);

class Story {
  readonly server: TestServer;
  readonly device: TestDevice;
  readonly id: string;
  tab: TestTab;
  room: RoomModel;
  number = 0;
  /** Bodies that were shown as kept, and those that a crash may have taken before they were. */
  readonly kept = new Set<string>();
  readonly maybe = new Set<string>();

  constructor(server: TestServer, device: TestDevice, id: string, tab: TestTab) {
    this.server = server;
    this.device = device;
    this.id = id;
    this.tab = tab;
    this.room = tab.app.openRoom(id);
  }

  #item(body: string): MessageItem | undefined {
    return messages(this.room).find((item) => item.body === body);
  }

  get failed(): MessageItem[] {
    return messages(this.room).filter(({ state }) => state === 'failed');
  }

  /** Each entry has arrived or was refused. */
  get settled(): boolean {
    return this.room.unsent === this.failed.length;
  }

  /** What the person sees, for a failure's report. */
  get shown(): string {
    const { status, role, cannotWrite } = this.room;
    const items = this.room.timeline.map((item) => [item.kind, item.state, item.kind === 'message' ? item.body : '']);
    return JSON.stringify({ line: this.tab.app.connection.status, status, role, cannotWrite, items });
  }

  async send(count: number): Promise<void> {
    const written = Array.from({ length: count }, () => `body ${(this.number += 1)}`);
    const { room } = this;
    await this.tab.run(() => Promise.all(written.map((body) => room.send(body))));
    for (const body of written) {
      const state = this.#item(body)?.state;
      if (state === 'not-saved') this.maybe.add(body);
      else this.kept.add(body);
    }
  }

  async sendAndCrash(afterMs: number): Promise<void> {
    const body = `body ${(this.number += 1)}`;
    let resolved = false;
    const { tab, room } = this;
    void tab.run(() => room.send(body)).then(() => (resolved = true));
    // No state to wait for: the crash comes at any moment, drawn by seed.
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    (resolved ? this.kept : this.maybe).add(body);
    await this.crash();
  }

  async crash(): Promise<void> {
    this.device.kill(this.tab);
    this.tab = await this.device.tab();
    this.room = this.tab.run(() => this.tab.app.openRoom(this.id));
  }

  async restartServer(): Promise<void> {
    await this.server.stop();
    await this.server.start();
  }
}

async function setup() {
  const server = await TestServer.start();
  const account = await server.account('ann');
  const device = new TestDevice(server.url, { locks: true });
  const tab = await device.tab();
  const { name, password } = account;
  expect(await tab.app.session.signIn(name, password)).toMatchObject({ ok: true });
  const id = await tab.app.createRoom('Crash', 'private');
  const story = new Story(server, device, id, tab);
  await until(() => story.room.role === 'owner');
  const dispose = async (): Promise<void> => {
    device.close();
    await server[Symbol.asyncDispose]();
  };
  return { story, account, dispose };
}

/** What the server holds of the room, whole. */
async function onServer(story: Pick<Story, 'server' | 'id'>, account: TestAccount): Promise<string[]> {
  const reader = new TestDevice(story.server.url);
  const tab = await reader.tab();
  expect(await tab.app.session.signIn(account.name, account.password)).toMatchObject({ ok: true });
  const room = tab.app.openRoom(story.id);
  await until(() => room.status === 'ready' && room.hereCount !== null);
  const found = messages(room).map(({ body }) => body);
  reader.close();
  return found;
}

test('[OUTBOX-10] whatever crashes when: each kept entry is there exactly once', { timeout: 240_000 }, async () => {
  const seed = Number(process.env['ROOST_SEED'] ?? Date.now() % 1_000_000);
  console.log(`seed ${seed}`);
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const { story, account, dispose } = await setup();
      let mend = (): void => undefined;
      try {
        for (const next of steps) {
          if (next.kind === 'send') await story.send(next.count);
          else if (next.kind === 'sendAndCrash') await story.sendAndCrash(next.afterMs);
          else if (next.kind === 'crash') await story.crash();
          else if (next.kind === 'unplug') story.device.unplug();
          else if (next.kind === 'plugIn') story.device.plugIn();
          else if (next.kind === 'restartServer') await story.restartServer();
          else if (next.kind === 'setClock') story.device.clockAheadMs = next.ahead ? 2 * CLOCK_AHEAD_MAX_MS : 0;
          // For as long as the seed says: what comes next is to find the story anywhere in what it does.
          else if (next.kind === 'pause') await new Promise((resolve) => setTimeout(resolve, next.ms));
          else {
            let left = next.count;
            mend();
            mend = breakWrites((database) => database.includes('-page-') && (left -= 1) >= 0, 'AbortError');
          }
        }
        mend();
        story.device.plugIn();
        const isOver = (): boolean => story.tab.app.connection.status === 'connected' && story.settled;
        await until(isOver, 60_000).catch(() => expect.fail(`not settled: ${story.shown}`));
        const found = await onServer(story, account);
        const failed = story.failed.map(({ body }) => body);
        expect(new Set([...found, ...failed]).size).toBe(found.length + failed.length);
        for (const body of story.kept) expect([...found, ...failed]).toContain(body);
        for (const body of [...found, ...failed]) expect(story.kept.has(body) || story.maybe.has(body)).toBe(true);
        for (const { failure } of story.failed) expect(failure).toBe(failureWords('clock'));
        const shown = (): string[] =>
          messages(story.room).flatMap(({ state, body }) => (state === 'failed' ? [] : [body]));
        // A page whose every write was lost has yet to come from the server.
        await until(() => shown().length >= found.length).catch(() => undefined);
        expect(shown()).toEqual(found);
        refused += failed.length;
      } finally {
        mend();
        await dispose();
      }
    }),
    { numRuns: Number(process.env['ROOST_RUNS'] ?? 15), seed, endOnFailure: true }
  );
  console.log(`${refused} refused`);
});

test('[OUTBOX-11] a room made by a tab that crashed before it was sent: messages of the next tab wait for it', async () => {
  const { story, account, dispose } = await setup();
  onTestFinished(dispose);
  story.device.unplug();
  const id = await story.tab.run(() => story.tab.app.createRoom('Second', 'private'));
  await story.crash();
  const room = story.tab.run(() => story.tab.app.openRoom(id));
  await story.tab.run(() => room.send('first'));
  story.device.plugIn();
  await until(() => room.unsent === 0 && messages(room).length === 1);
  expect(room.timeline.map(({ state }) => state)).toEqual(['arrived', 'arrived']);
  expect(await onServer({ server: story.server, id }, account)).toEqual(['first']);
});

test('[OUTBOX-12] a room made before the clock was set back: its creation goes before what was written in it', async () => {
  const { story, account, dispose } = await setup();
  onTestFinished(dispose);
  story.device.unplug();
  const id = await story.tab.run(() => story.tab.app.createRoom('Second', 'private'));
  story.device.clockAheadMs = -3_600_000;
  await story.crash();
  const room = story.tab.run(() => story.tab.app.openRoom(id));
  await story.tab.run(() => room.send('first'));
  expect(room.role).toBe('owner');
  story.device.plugIn();
  await until(() => room.unsent === 0 && messages(room).length === 1);
  expect(room.timeline.map(({ state }) => state)).toEqual(['arrived', 'arrived']);
  expect(await onServer({ server: story.server, id }, account)).toEqual(['first']);
});
