// A page server in memory: TestPage, and lines to clients that may lose, double and reorder what they carry. It
// answers the sync protocol as the real one does: step 1 with the missing part, a gap with its own step 1.

import assert from 'node:assert/strict';
import * as Y from 'yjs';
import type { UserId } from '#protocol/ids.ts';
import type { RefusedEntry } from '../gate-contract.ts';
import { NOW, TestPage } from './test-page.ts';

type ToServer =
  | { readonly kind: 'update'; readonly update: Uint8Array }
  | { readonly kind: 'step1'; readonly stateVector: Uint8Array };
type ToClient = ToServer;

/** How a line treats what it carries; numbers in [0, 1). */
export interface Weather {
  readonly random: () => number;
  /** Chance that a message is lost. */
  readonly loss: number;
  /** Chance that a message comes twice. */
  readonly doubling: number;
  /** Chance that a later message overtakes. */
  readonly reordering: number;
}

const CALM: Weather = { random: () => 0.5, loss: 0, doubling: 0, reordering: 0 };

class Line<Message> {
  readonly #waiting: Message[] = [];

  send(message: Message, { random, loss, doubling }: Weather): void {
    if (random() < loss) return;
    this.#waiting.push(message);
    if (random() < doubling) this.#waiting.push(message);
  }

  next({ random, reordering }: Weather): Message | undefined {
    const at = random() < reordering ? Math.floor(random() * this.#waiting.length) : 0;
    return this.#waiting.splice(at, 1)[0];
  }

  cut(): void {
    this.#waiting.length = 0;
  }

  get empty(): boolean {
    return this.#waiting.length === 0;
  }
}

/** One replica with its line. Its document may be replaced: a reload, a rebuild. */
export class RelayClient {
  readonly user: UserId;
  readonly #relay: Relay;
  readonly #up = new Line<ToServer>();
  readonly #down = new Line<ToClient>();
  doc: Y.Doc;
  online = false;
  /** Updates that this replica wrote itself, in order, as plain Yjs would hand them on. */
  readonly written: Uint8Array[] = [];
  readonly refused: RefusedEntry[] = [];

  constructor(relay: Relay, user: UserId, clientId: number) {
    this.#relay = relay;
    this.user = user;
    this.doc = this.#watched(new Y.Doc(), clientId);
  }

  replace(doc: Y.Doc, clientId: number): void {
    this.disconnect();
    this.doc.destroy();
    this.doc = this.#watched(doc, clientId);
  }

  /** As a stock provider does: it offers its state vector and, unasked, all that it holds. */
  connect(weather: Weather): void {
    this.online = true;
    assert.ok(this.#relay.page.gate.bind(this.doc.clientID, this.user), 'an honest client id is its own');
    this.#relay.boundIds.add(this.doc.clientID);
    this.#up.send({ kind: 'step1', stateVector: Y.encodeStateVector(this.doc) }, weather);
    if (weather.random() < 0.5) this.#up.send({ kind: 'update', update: Y.encodeStateAsUpdate(this.doc) }, weather);
    this.#down.send({ kind: 'step1', stateVector: this.#relay.stateVector() }, weather);
  }

  disconnect(): void {
    this.online = false;
    this.#up.cut();
    this.#down.cut();
  }

  hear(message: ToClient, weather: Weather): void {
    if (this.online) this.#down.send(message, weather);
  }

  /** Carries one message up or down. False: there was none. */
  step(weather: Weather): boolean {
    const upFirst = weather.random() < 0.5;
    return upFirst
      ? this.#stepUp(weather) || this.#stepDown(weather)
      : this.#stepDown(weather) || this.#stepUp(weather);
  }

  get idle(): boolean {
    return this.#up.empty && this.#down.empty;
  }

  #stepUp(weather: Weather): boolean {
    const message = this.#up.next(weather);
    if (!message) return false;
    this.#relay.receive(this, message, weather);
    return true;
  }

  #stepDown(weather: Weather): boolean {
    const message = this.#down.next(weather);
    if (!message) return false;
    if (message.kind === 'update') Y.applyUpdate(this.doc, message.update, this.#relay);
    else this.#up.send({ kind: 'update', update: Y.encodeStateAsUpdate(this.doc, message.stateVector) }, weather);
    return true;
  }

  #watched(doc: Y.Doc, clientId: number): Y.Doc {
    doc.clientID = clientId;
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === this.#relay) return;
      if (origin === null) this.written.push(update);
      if (this.online) this.#up.send({ kind: 'update', update }, this.#relay.weather);
    });
    return doc;
  }
}

export class Relay {
  readonly page: TestPage;
  /** People sign what they write. */
  mustSign = false;
  readonly clients: RelayClient[] = [];
  /** Updates of the server's own making, for a control document. */
  readonly written: Uint8Array[] = [];
  /** Client ids of replicas that have been online. */
  readonly boundIds = new Set<number>();
  weather: Weather = CALM;
  /** How often something was out of reach, and how many elements told of entries that the page had. */
  gaps = 0;
  known = 0;

  constructor(page: TestPage = new TestPage()) {
    this.page = page;
    this.page.onUpdate = (update) => {
      this.written.push(update);
      for (const client of this.clients) client.hear({ kind: 'update', update }, this.weather);
    };
  }

  join(user: UserId, clientId: number): RelayClient {
    const client = new RelayClient(this, user, clientId);
    this.clients.push(client);
    return client;
  }

  stateVector(): Uint8Array {
    return Y.encodeStateVector(new Map(this.page.gate.snapshot().stateVector));
  }

  receive(client: RelayClient, message: ToServer, weather: Weather): void {
    if (message.kind === 'step1') {
      client.hear({ kind: 'update', update: Y.encodeStateAsUpdate(this.page.reader, message.stateVector) }, weather);
      return;
    }
    const outcome = this.page.receive(message.update, client.user, NOW, { mustSign: this.mustSign });
    if (outcome.kind !== 'checked') throw new Error(`an honest update: ${JSON.stringify(outcome)}`);
    client.refused.push(...outcome.refused);
    this.known += outcome.known.length;
    if (!outcome.gap) return;
    this.gaps += 1;
    client.hear({ kind: 'step1', stateVector: this.stateVector() }, weather);
  }

  /** Good weather, everybody online and in sync. */
  settle(): void {
    this.weather = CALM;
    for (const client of this.clients) {
      client.disconnect();
      client.connect(CALM);
    }
    while (this.clients.some((client) => client.step(CALM)));
  }
}
