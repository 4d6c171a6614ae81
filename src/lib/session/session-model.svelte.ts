// Who is signed in on this device. Invariant: the session of the last visit counts until the server says that it has
// ended; a server out of reach never signs anybody out, and an ended session deletes nothing. Where no visit is
// remembered, the cookie speaks.

import type { Me, ServerInfo } from '#protocol/api.ts';
import type { PersonView, Result, SessionModel } from '../model/app-model.ts';
import type { People } from '../model/people.svelte.ts';
import type { DeviceDb } from '../storage/device-db.ts';
import type { ApiClient } from './api-client.ts';

export interface SessionEvents {
  /** A person is signed in; resolves once their data on this device can be read. */
  readonly begin: (me: Me) => Promise<void>;
  /** The session has ended; with `wipe`, the person's data go too. */
  readonly end: (me: Me, wipe: boolean) => Promise<void>;
  readonly unsentCount: () => Promise<number>;
}

/** A start without data waits so long for the server's word before it asks for a name and a password. */
const COOKIE_WAIT_MS = 3_000;

export class Session implements SessionModel {
  readonly #api: ApiClient;
  readonly #people: People;
  readonly #events: SessionEvents;
  #db: DeviceDb | null = null;
  #me = $state.raw<Me | null>(null);
  #status = $state<SessionModel['status']>('loading');
  #server = $state.raw<ServerInfo | null>(null);
  #endedReason = $state<SessionModel['endedReason']>(null);
  #entering = false;

  constructor(api: ApiClient, people: People, events: SessionEvents) {
    this.#api = api;
    this.#people = people;
    this.#events = events;
  }

  get status() {
    return this.#status;
  }
  get me(): PersonView | null {
    return this.#me && this.#people.person(this.#me.id);
  }
  get admin() {
    return this.#me?.admin ?? false;
  }
  get server() {
    return this.#server;
  }
  get endedReason() {
    return this.#endedReason;
  }
  /** The account behind `me`; null when signed out. */
  get account(): Me | null {
    return this.#me;
  }

  /** Takes up the session of the last visit, without the network. @param db null: this browser keeps nothing */
  async load(db: DeviceDb | null): Promise<void> {
    this.#db = db;
    const me = await (db?.session() ?? null);
    const server = this.#askServer();
    if (me) return this.#begin(me);
    let waited: ReturnType<typeof setTimeout> | undefined;
    const longEnough = new Promise<void>((resolve) => (waited = setTimeout(resolve, COOKIE_WAIT_MS)));
    await Promise.race([server.then(() => this.#takeUpCookie()), longEnough]);
    clearTimeout(waited);
    if (this.#status === 'loading') this.#status = 'signed-out';
  }

  /** Browsers clear data and keep cookies: whoever is signed in by theirs alone has no need to sign in again. */
  async #takeUpCookie(): Promise<void> {
    if (!this.#server?.signedIn) return;
    const result = await this.#api.get<Me>('/api/me');
    // Meanwhile somebody may have signed in by hand.
    if (!result.ok || this.#me || this.#entering) return;
    await this.#remember(result.value);
    await this.#begin(result.value);
  }

  async signIn(name: string, password: string): Promise<Result<void>> {
    return this.#enter('/api/session', { name, password });
  }

  async signUp(name: string, password: string, invitation: string | null): Promise<Result<void>> {
    return this.#enter('/api/accounts', invitation === null ? { name, password } : { name, password, invitation });
  }

  async setUp(token: string, name: string, password: string): Promise<Result<void>> {
    const result = await this.#enter('/api/setup', { token, name, password });
    void this.#askServer();
    return result;
  }

  unsentCount(): Promise<number> {
    return this.#events.unsentCount();
  }

  async signOut(): Promise<Result<void>> {
    const me = this.#me;
    if (!me) return { ok: true, value: undefined };
    // Without the server's word the cookie would still be good for whoever sits down here next.
    const result = await this.#api.delete<void>('/api/session');
    if (!result.ok && result.code !== 'signed-out') return result;
    await this.#end(me, null, true);
    return { ok: true, value: undefined };
  }

  /** The server says that the session has ended: what is unsent stays for the same person's next sign-in. */
  async expire(): Promise<void> {
    if (this.#me) await this.#end(this.#me, 'expired', false);
  }

  /** The server's hello told something newer about the account. */
  async update(me: Me): Promise<void> {
    const before = this.#me;
    if (before?.id !== me.id) return;
    this.#people.learn(me.id, me.name);
    if (before.name === me.name && before.admin === me.admin && before.generation === me.generation) return;
    this.#me = me;
    await this.#remember(me);
  }

  /** Another tab signed out or in: this one follows. */
  async follow(): Promise<void> {
    const stored = await (this.#db?.session() ?? null);
    const before = this.#me;
    if (before && stored?.id !== before.id) await this.#end(before, null, false);
    if (stored && stored.id !== before?.id) await this.#begin(stored);
  }

  /** The cookie is another person's: go by the server's word. */
  async recheck(): Promise<void> {
    const before = this.#me;
    const result = await this.#api.get<Me>('/api/me');
    if (!result.ok || !before || result.value.id === before.id) return;
    await this.#end(before, null, false);
    await this.#remember(result.value);
    await this.#begin(result.value);
  }

  async #enter(path: string, body: unknown): Promise<Result<void>> {
    this.#entering = true;
    try {
      const result = await this.#api.post<Me>(path, body);
      if (!result.ok) return result;
      await this.#remember(result.value);
      await this.#begin(result.value);
      return { ok: true, value: undefined };
    } finally {
      this.#entering = false;
    }
  }

  async #begin(me: Me): Promise<void> {
    this.#endedReason = null;
    this.#people.learn(me.id, me.name);
    await this.#events.begin(me);
    this.#me = me;
    this.#status = 'signed-in';
  }

  async #end(me: Me, reason: SessionModel['endedReason'], wipe: boolean): Promise<void> {
    this.#me = null;
    this.#status = 'signed-out';
    this.#endedReason = reason;
    await this.#remember(null);
    await this.#events.end(me, wipe);
  }

  async #remember(me: Me | null): Promise<void> {
    try {
      await this.#db?.setSession(me);
    } catch {
      // The device keeps nothing: the person is asked to sign in again at the next start.
    }
  }

  async #askServer(): Promise<void> {
    const info = await this.#api.get<ServerInfo>('/api/server');
    if (info.ok) this.#server = info.value;
  }
}
