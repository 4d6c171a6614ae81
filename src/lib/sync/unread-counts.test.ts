import { describe, expect, test } from 'vitest';
import { newRoomId } from '#protocol/ids.ts';
import type { RoomSummary } from '#protocol/control.ts';
import { RoomMarks } from './room-marks.ts';
import { OwnDocument } from './testing/own-document.ts';
import { summary } from './testing/synced-room.ts';
import { UnreadCounts } from './unread-counts.ts';

const ROOM = newRoomId();

/** The server, as far as read markers go: one per person, which only moves up. All messages are by others. */
class Server {
  n = 10;
  read = 10;

  mark(n: number): void {
    this.read = Math.max(this.read, n);
  }
}

/** One device of the person. Its markers reach the server when it has a line, and the server's word reaches it by `sync`. */
class Device {
  readonly own = new OwnDocument();
  readonly marks: RoomMarks;
  readonly unread: UnreadCounts;
  readonly #server: Server;
  online = true;
  #waiting = 0;
  #summary: RoomSummary;

  constructor(server: Server) {
    this.#server = server;
    this.marks = new RoomMarks(this.own, () => undefined);
    this.#summary = this.#fromServer();
    const list = {
      summary: () => this.#summary,
      all: () => [{ id: ROOM, summary: this.#summary, head: 0, fetched: null }],
      readUpTo: () => Math.max(this.#summary.read, this.#waiting),
      unread: () => Math.min(this.#summary.unread, this.#summary.n - list.readUpTo())
    };
    this.unread = new UnreadCounts(list, this.marks, async (_room, n) => {
      this.#waiting = Math.max(this.#waiting, n);
      if (this.online) this.#server.mark(this.#waiting);
    });
  }

  #fromServer(): RoomSummary {
    const { n, read } = this.#server;
    return { ...summary, id: ROOM, n, read, unread: n - read };
  }

  /** The line is there: late receipts go out, news come in. */
  sync(...others: Device[]): void {
    this.online = true;
    this.#server.mark(this.#waiting);
    for (const device of [this, ...others]) {
      device.#summary = device.#fromServer();
      device.own.syncWith(this.own);
    }
  }

  get count(): number {
    return this.unread.of(ROOM).count;
  }

  /** Opens the room and reads all of it. */
  async open(): Promise<void> {
    await this.unread.seen(ROOM, this.#summary.n, this.unread.mark(ROOM));
  }
}

function devices() {
  const server = new Server();
  const [phone, desk] = [new Device(server), new Device(server)];
  return { server, phone, desk };
}

describe('what is unread', () => {
  test('[UNREAD-1] mark-unread undone by a late receipt', async () => {
    const { server, phone, desk } = devices();
    // Messages 11 to 14 come; the phone reads them all in flight mode, the desk marks from 12 on.
    server.n = 14;
    server.read = 11;
    desk.sync(phone);
    phone.online = false;
    await phone.open();
    expect(phone.count).toBe(0);
    await desk.unread.markUnread(ROOM, 12, 3);
    expect(desk.count).toBe(3);
    // The phone's receipt comes late, and goes beyond what was marked.
    phone.sync(desk);
    expect(server.read).toBe(14);
    for (const device of [phone, desk]) {
      expect(device.count).toBe(3);
      expect(device.unread.of(ROOM).read).toBe(11);
    }
  });

  test('[UNREAD-2] who opens the room after it was marked takes the mark away, on all devices', async () => {
    const { phone, desk } = devices();
    await desk.unread.markUnread(ROOM, 8, 3);
    desk.sync(phone);
    expect([phone.count, phone.unread.of(ROOM)]).toEqual([3, { read: 7, count: 3, mentions: 0 }]);
    await phone.open();
    phone.sync(desk);
    expect([phone.count, desk.count]).toEqual([0, 0]);
  });

  test('[UNREAD-2] a view that was open before it was marked takes nothing away', async () => {
    const { server, phone, desk } = devices();
    const opened = phone.unread.mark(ROOM);
    await desk.unread.markUnread(ROOM, 8, 3);
    desk.sync(phone);
    server.n = 12;
    phone.sync(desk);
    await phone.unread.seen(ROOM, 12, opened);
    phone.sync(desk);
    expect([phone.count, desk.count, server.read]).toEqual([5, 5, 10]);
    // Marked once more while it is open, it stays as well.
    await phone.unread.markUnread(ROOM, 11, 2);
    await phone.unread.seen(ROOM, 12, opened);
    expect(phone.count).toBe(2);
  });

  test('[UNREAD-3] marked from the list it counts one at least, and reading it from there clears it', async () => {
    const { server, phone, desk } = devices();
    expect(await phone.unread.markUnread(ROOM, null, 0)).toBe(true);
    phone.sync(desk);
    expect([phone.count, desk.count]).toEqual([1, 1]);
    await desk.unread.markAllRead();
    desk.sync(phone);
    expect([phone.count, desk.count]).toEqual([0, 0]);
    server.n = 0;
    desk.sync(phone);
    expect(await phone.unread.markUnread(ROOM, null, 0)).toBe(false);
  });

  test('[UNREAD-3] what is marked further on than one has read is read up to there', async () => {
    const { server, phone, desk } = devices();
    server.n = 16;
    phone.sync(desk);
    expect(phone.count).toBe(6);
    await phone.unread.markUnread(ROOM, 15, 2);
    phone.sync(desk);
    expect([phone.count, desk.count, server.read]).toEqual([2, 2, 14]);
  });

  test('[UNREAD-4] mentions are counted on here as one reads', async () => {
    const { server, phone } = devices();
    server.n = 14;
    phone.sync();
    const list = { ...summary, id: ROOM, n: 14, read: 10, unread: 4, mentions: [11, 13, 14] };
    const reading = { n: 10 };
    const unread = new UnreadCounts(
      { summary: () => list, all: () => [], readUpTo: () => reading.n, unread: () => list.n - reading.n },
      phone.marks,
      async (_room, n) => void (reading.n = n)
    );
    expect(unread.of(ROOM)).toEqual({ read: 10, count: 4, mentions: 3 });
    await unread.seen(ROOM, 13, null);
    expect(unread.of(ROOM)).toEqual({ read: 13, count: 1, mentions: 1 });
  });
});
