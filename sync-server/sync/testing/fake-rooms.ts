// Rooms for tests of the connection: pages are plain Y.Docs, everything is taken and acknowledged at once.
// The rules of rooms are not here; a test says which rooms are closed and what happens in them.

import * as syncProtocol from 'y-protocols/sync';
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { ARRIVALS_ROOT, MESSAGES_ROOT } from '#protocol/arrival.ts';
import { CLOSE, type CloseCode } from '#protocol/close-codes.ts';
import type { RoomSummary } from '#protocol/control.ts';
import { docName, type PageRef, type RoomId, type UserId } from '#protocol/ids.ts';
import type { Receipt } from '#protocol/receipt.ts';
import type { Attached, OpenPage, PageReader, RoomEvents, RoomService } from '../../rooms/room-service.ts';

interface FakePage {
  readonly doc: Y.Doc;
  readonly readers: Set<PageReader>;
}

export class FakeRooms implements RoomService {
  /** Rooms that nobody may open, though they exist. */
  readonly forbidden = new Set<RoomId>();
  readonly summaries = new Map<RoomId, RoomSummary>();
  readonly bound: { readonly user: UserId; readonly clientId: number }[] = [];
  readonly detached: PageRef[] = [];
  pagesChanged: { room: RoomId; page: number; revision: number }[] = [];
  cursor = 7;
  /** Every call that reads from the store waits for this. */
  pending: Promise<void> = Promise.resolve();
  failing = false;
  summaryReads = 0;
  joinedReads = 0;
  attaching = 0;
  readonly #pages = new Map<string, FakePage>();
  readonly #events = new Set<RoomEvents>();

  /** Makes a room with its first page. */
  add(room: RoomId): void {
    this.#page({ room, page: 0 });
    this.summaries.set(room, summaryOf(room));
  }

  doc(ref: PageRef): Y.Doc {
    return this.#page(ref).doc;
  }

  readers(ref: PageRef): ReadonlySet<PageReader> {
    return this.#page(ref).readers;
  }

  get events(): RoomEvents {
    const [events] = this.#events;
    if (!events) throw new Error('nobody listens');
    return events;
  }

  /** Sends bytes to all readers of a page, as a commit would. */
  broadcast(ref: PageRef, message: Uint8Array): void {
    for (const reader of [...this.#page(ref).readers]) reader.send(message);
  }

  endReaders(ref: PageRef, code: CloseCode): void {
    for (const reader of [...this.#page(ref).readers]) {
      this.#page(ref).readers.delete(reader);
      reader.close(code);
    }
  }

  async attach(open: OpenPage, reader: PageReader): Promise<Attached> {
    this.attaching++;
    await this.#read();
    const absent = !this.#pages.has(docName({ room: open.room, page: 0 }));
    if (this.forbidden.has(open.room) || (absent && !open.create)) return { ok: false, close: CLOSE.forbidden };
    const ref = { room: open.room, page: open.page };
    const page = this.#page(ref);
    page.readers.add(reader);
    reader.send(syncMessage((encoder) => syncProtocol.writeSyncStep1(encoder, page.doc)));
    return {
      ok: true,
      attachment: {
        ref,
        syncStep1: (stateVector) =>
          reader.send(syncMessage((encoder) => syncProtocol.writeSyncStep2(encoder, page.doc, stateVector))),
        receive: (update) => this.#receive(page, reader, update),
        bind: (clientId) => this.bound.push({ user: reader.user, clientId }),
        detach: () => {
          page.readers.delete(reader);
          this.detached.push(ref);
        }
      }
    };
  }

  async joined(): Promise<RoomSummary[]> {
    this.joinedReads++;
    await this.#read();
    return [...this.summaries.values()];
  }

  async summary(_user: UserId, room: RoomId): Promise<RoomSummary | null> {
    this.summaryReads++;
    await this.#read();
    return this.summaries.get(room) ?? null;
  }

  async holds(): Promise<boolean> {
    return false;
  }

  async closing(): Promise<null> {
    return null;
  }

  async isDeleted(): Promise<boolean> {
    return false;
  }

  async closingErasure(): Promise<[]> {
    return [];
  }

  async changedPages(_user: UserId, since: number): ReturnType<RoomService['changedPages']> {
    await this.#read();
    return { changed: since < this.cursor ? this.pagesChanged : [], cursor: this.cursor };
  }

  /** Markers that were to be kept back. */
  quietReads = 0;

  async markRead(user: UserId, room: RoomId, n: number, shown = true): Promise<{ n: number; unread: number } | null> {
    if (!shown) this.quietReads++;
    const summary = this.summaries.get(room);
    if (!summary) return null;
    if (n <= summary.read) return { n: summary.read, unread: summary.n - summary.read };
    const unread = summary.n - n;
    this.summaries.set(room, { ...summary, read: n, unread });
    this.events.read(user, room, n, unread);
    return { n, unread };
  }

  subscribe(events: RoomEvents): () => void {
    this.#events.add(events);
    return () => this.#events.delete(events);
  }

  healthy(): boolean {
    return !this.failing;
  }

  async close(): Promise<void> {
    for (const { doc, readers } of this.#pages.values()) {
      for (const reader of [...readers]) reader.close(CLOSE.stopping);
      doc.destroy();
    }
  }

  readonly receiptsOf = new Map<RoomId, Map<UserId, Receipt>>();
  readonly stored: { readonly user: UserId; readonly room: RoomId; readonly n: number }[] = [];

  async markStored(user: UserId, room: RoomId, n: number): Promise<void> {
    await this.#read();
    this.stored.push({ user, room, n });
  }

  async receipts(_user: UserId, room: RoomId): Promise<ReadonlyMap<UserId, Receipt> | null> {
    await this.#read();
    return this.receiptsOf.get(room) ?? null;
  }

  async isMember(user: UserId, room: RoomId): Promise<boolean> {
    await this.#read();
    return this.receiptsOf.get(room)?.has(user) ?? false;
  }

  publicRooms = notAsked;
  members = notAsked;
  sealedPage = notAsked;
  append = notAsked;
  createForHost = notAsked;
  joinByInvitation = notAsked;
  authorOf = notAsked;
  pageOf = notAsked;
  import = notAsked;
  findByName = notAsked;
  headEntries = notAsked;
  deleteRoom = notAsked;
  eraseMessagesOf = notAsked;
  erasuresSettled = notAsked;
  avatarsInUse = notAsked;
  receiptErasure = notAsked;
  /** Nobody shares a room with anybody but those in here. */
  readonly sharing = new Set<UserId>();
  sharingRoom = async (_user: UserId, others: readonly UserId[]) =>
    new Set(others.filter((other) => this.sharing.has(other)));

  async #read(): Promise<void> {
    await this.pending;
    if (this.failing) throw new Error('the disk is gone');
  }

  #page(ref: PageRef): FakePage {
    const name = docName(ref);
    const page = this.#pages.get(name) ?? { doc: new Y.Doc(), readers: new Set<PageReader>() };
    this.#pages.set(name, page);
    return page;
  }

  #receive(page: FakePage, sender: PageReader, update: Uint8Array): void {
    const before = Y.encodeStateVector(page.doc);
    const known = page.doc.getArray(MESSAGES_ROOT).length;
    try {
      Y.applyUpdate(page.doc, update);
    } catch {
      page.readers.delete(sender);
      return sender.close(CLOSE.malformed);
    }
    const entries = page.doc.getArray<{ id: string }>(MESSAGES_ROOT).slice(known);
    if (entries.length === 0) return;
    page.doc.getArray(ARRIVALS_ROOT).push(entries.map(({ id }, at) => ({ id, at: 1, n: known + at + 1 })));
    const change = Y.encodeStateAsUpdate(page.doc, before);
    const message = syncMessage((encoder) => syncProtocol.writeUpdate(encoder, change));
    for (const reader of [...page.readers]) reader.send(message);
  }
}

const notAsked = (): Promise<never> => Promise.reject(new Error('connections do not ask for this'));

function syncMessage(write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 0);
  write(encoder);
  return encoding.toUint8Array(encoder);
}

export function summaryOf(room: RoomId): RoomSummary {
  return {
    id: room,
    name: 'Lobby',
    topic: '',
    kind: 'public',
    head: 0,
    n: 10,
    read: 0,
    unread: 10,
    members: 2,
    role: 'member',
    ...{ invitedBy: null, people: [], avatar: null, slowSeconds: 0, replies: 0 },
    last: null,
    createdAt: 1
  };
}
