// Random but honest histories of a page: people write, in packs and alone, go offline, reload, meet bad lines.
// The same seed makes the same history.

import * as Y from 'yjs';
import type { Entry } from '#protocol/entry.ts';
import { CLOCK_AHEAD_MAX_MS } from '#protocol/limits.ts';
import { directRoomId } from '#protocol/direct-room.ts';
import type { UserId } from '#protocol/ids.ts';
import { emptyPage } from '../page-gate-state.ts';
import { seededRandom } from '../../../tests/seeded-random.ts';
import { created, joined, message } from './entries.ts';
import { Relay, type RelayClient, type Weather } from './relay.ts';
import { SigningDevice } from './signing-device.ts';
import { messagesOf, NOW, TestPage, userId } from './test-page.ts';

export interface HistoryOptions {
  readonly seed: number;
  readonly steps: number;
  /** Chance that an entry is one to refuse. */
  readonly refusable: number;
  /** Replicas drop their document now and then and offer what has no arrival again, under a fresh client id. */
  readonly rebuilds: boolean;
  /** People also redact, ban, invite, come and go, change roles, and bring what others have signed or seem to have. */
  readonly acts?: boolean;
  /** The room of two people, which each of their devices makes before it knows of the others. */
  readonly direct?: boolean;
}

export class History {
  readonly relay: Relay;
  readonly random: () => number;
  readonly #options: HistoryOptions;
  /** Ids of entries that were written to be refused, whenever they arrive. */
  readonly refusableIds = new Set<string>();
  /** Ids of entries that must arrive. */
  readonly soundIds = new Set<string>();
  /** Ids of entries that carry a name that is not their writer's, without that person's word. */
  readonly forgedIds = new Set<string>();
  /** Ids of entries that their author signed and another one brought. */
  readonly broughtIds = new Set<string>();
  readonly #devices = new Map<UserId, SigningDevice>();
  readonly #outbox = new Map<RelayClient, Map<string, Entry>>();
  #ids = 0;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.random = seededRandom(options.seed);
    const people = [userId('person-0'), userId('person-1')] as const;
    this.relay = options.direct
      ? new Relay(new TestPage(emptyPage({ room: directRoomId(...people), page: 0 }, null)))
      : new Relay();
    this.relay.mustSign = options.acts === true;
  }

  /** Plays all steps; what is still on the way stays there. */
  play(): this {
    this.#open();
    for (let step = 0; step < this.#options.steps; step++) this.#step();
    return this;
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.random() * values.length)]!;
  }

  /** One more entry, or a pack of them, by anybody. */
  write(): void {
    this.#write(this.pick(this.relay.clients));
  }

  #open(): void {
    if (this.#options.direct) return this.#openDirect();
    const { relay } = this;
    const people = 2 + Math.floor(this.random() * 7);
    for (let i = 0; i < people; i++) {
      // Some people have two devices.
      const user = userId(`person-${this.random() < 0.25 ? 0 : i}`);
      this.#outbox.set(relay.join(user, this.#freshClientId()), new Map());
    }
    const [first] = relay.clients;
    messagesOf(first!.doc).push([this.#signed(created(first!.user))]);
    this.soundIds.add('created-the-room');
    // Without refusals everybody waits for the room; with them, some write into a room that is not there yet.
    if (this.#options.refusable === 0) relay.settle();
    relay.weather = this.#weather();
  }

  #openDirect(): void {
    const people = [userId('person-0'), userId('person-1')];
    for (let at = 0; at < 4; at++) {
      const user = people[at % 2]!;
      const client = this.relay.join(user, this.#freshClientId());
      this.#outbox.set(client, new Map());
      const { name: _, ...entry } = created(user, { id: `created-by-${at}`, kind: 'direct', people }) as Entry & {
        name?: unknown;
      };
      messagesOf(client.doc).push([this.#signed(entry)]);
    }
    this.relay.weather = this.#weather();
  }

  #signed(entry: Entry): Entry {
    if (!this.#options.acts) return entry;
    const { page } = this.relay;
    let device = this.#devices.get(entry.author);
    if (!device) {
      this.#devices.set(entry.author, (device = new SigningDevice(entry.author)));
      page.devices.set(device.id, device.key());
    }
    return device.sign(page.gate.snapshot().ref.room, entry);
  }

  #weather(): Weather {
    const rough = this.random();
    return { random: this.random, loss: 0.2 * rough, doubling: 0.2 * rough, reordering: 0.4 * rough };
  }

  #step(): void {
    const client = this.pick(this.relay.clients);
    const dice = this.random();
    if (dice < 0.35) this.#write(client);
    else if (dice < 0.8) for (let i = 0; i < 4; i++) this.pick(this.relay.clients).step(this.relay.weather);
    else if (dice < 0.88) client.connect(this.relay.weather);
    else if (dice < 0.94) client.disconnect();
    else if (dice < 0.97) this.#reload(client);
    else if (dice < 0.985) this.#fromOwnDevice(client);
    else if (this.#options.rebuilds) this.#rebuild(client);
  }

  #write(client: RelayClient): void {
    const count = this.random() < 0.6 ? 1 : 1 + Math.floor(this.random() * 6);
    client.doc.transact(() => {
      for (let i = 0; i < count; i++) {
        const entry = this.#entry(client.user);
        messagesOf(client.doc).push([entry]);
        if (!this.refusableIds.has(entry.id)) this.#outbox.get(client)!.set(entry.id, entry);
      }
    });
  }

  #entry(user: UserId): Entry {
    const id = `entry-${1_000 + this.#ids++}`;
    const sentAt = NOW - Math.floor(this.random() * 1_000);
    if (this.#options.acts)
      return this.random() < 0.5 ? this.#signed(message(id, user, { sentAt })) : this.#act(id, user);
    if (this.random() >= this.#options.refusable) {
      this.soundIds.add(id);
      const later = this.random() < 0.2;
      return later
        ? { id, type: 'poll', author: user, sentAt, options: ['tea', 'coffee', null, 0.5, { n: 2 ** 40 }] }
        : message(id, user, { sentAt });
    }
    this.refusableIds.add(id);
    return this.pick<() => Entry>([
      () => message(id, user, { sentAt, shiny: true }),
      () => message(id, userId('somebody-else')),
      () => message(id, user, { sentAt: NOW + CLOCK_AHEAD_MAX_MS + 1 }),
      () => message(id, user, { body: '   ' }),
      () => ({ ...message(id, user), type: 'later', target: 'never-seen' }),
      () => created(user, { id, kind: 'private', name: 1 }),
      () => joined(id, user, { invitedBy: user }),
      () => ({ ...message(id, user), type: 'snapshot', state: {} })
    ])();
  }

  /** Whether it is taken depends on what else happens; nobody can say so beforehand. */
  #act(id: string, author: UserId): Entry {
    const { index, arrived } = this.relay.page;
    const other = this.pick(this.relay.clients).user;
    const target = arrived.length > 0 ? index.get(this.pick(arrived)) : undefined;
    const act = (content: { readonly type: string; readonly [key: string]: unknown }): Entry =>
      this.#signed({ id, author, sentAt: NOW, ...content });
    const membership = (action: string, more: object = {}): Entry => act({ type: 'membership', action, ...more });
    return this.pick<() => Entry>([
      () => (target ? act({ type: 'redaction', target: target.id, of: target.author }) : membership('joined')),
      () => (target ? act({ type: 'redaction', target: target.id, of: target.author }) : membership('joined')),
      () => membership('joined'),
      () => membership('left'),
      () => membership(this.pick(['invited', 'removed', 'banned', 'unbanned']), { user: other }),
      () => membership('role', { user: other, role: this.pick(['owner', 'moderator', 'member']) }),
      () => act({ type: 'room', action: 'kind', kind: this.pick(['public', 'private']) }),
      () => {
        if (other !== author) this.broughtIds.add(id);
        return this.#signed(message(id, other));
      },
      () => {
        if (other === author) return this.#signed(message(id, author));
        this.forgedIds.add(id);
        return this.pick([message(id, other), { ...this.#signed(message(id, other)), body: 'never said' }]);
      }
    ])();
  }

  /** From what the device kept; the tab has another client id now. */
  #reload(client: RelayClient): void {
    const doc = new Y.Doc();
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(client.doc), 'kept');
    client.replace(doc, this.#freshClientId());
  }

  /** Two devices of one person share what they hold, as tabs do. */
  #fromOwnDevice(client: RelayClient): void {
    const other = this.pick(this.relay.clients);
    if (other === client || other.user !== client.user) return;
    Y.applyUpdate(client.doc, Y.encodeStateAsUpdate(other.doc), 'other device');
  }

  /** While the page is fetched, the old document's last words still reach the server: entries are offered twice. */
  #rebuild(client: RelayClient): void {
    const doc = new Y.Doc();
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(this.relay.page.reader), this.relay);
    const arrived = new Set(this.relay.page.arrived);
    while (client.step(this.relay.weather));
    client.replace(doc, this.#freshClientId());
    const pending = [...this.#outbox.get(client)!.values()].filter(({ id }) => !arrived.has(id));
    doc.transact(() => pending.forEach((entry) => messagesOf(doc).push([entry])));
  }

  #freshClientId(): number {
    return 1 + Math.floor(this.random() * 2 ** 32);
  }
}
