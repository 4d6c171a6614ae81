// Who is signed in on this device. Invariant: the session of the last visit counts until the server says that it has
// ended; a server out of reach never signs anybody out, and an ended session deletes nothing. Where no visit is
// remembered, the cookie speaks.

import type { Recovery } from '#protocol/api/account.ts';
import type { CeremonyOptions } from '#protocol/api/passkey.ts';
import type { ServerInfo } from '#protocol/api/server.ts';
import type { Me, SessionInfo } from '#protocol/api/session.ts';
import type { SessionEnd } from '#protocol/session-end.ts';
import type { PersonView } from '../model/person-view.ts';
import type { Result } from '../model/result.ts';
import type { SessionModel } from '../model/session-model.ts';
import type { People } from '../model/people.svelte.ts';
import type { DeviceDb, EndedSession } from '../storage/device-db.ts';
import { within } from '../within.ts';
import type { ApiClient } from './api-client.ts';
import { offerPasskeys, type PasskeyOffer } from './passkey-offer.ts';
import type { PasskeyBrowser } from './passkeys.ts';

export interface SessionEvents {
  /** A person is signed in; resolves once their data on this device can be read. False: this page cannot do it. */
  readonly begin: (me: Me) => Promise<boolean>;
  /** The session has ended; with `wipe`, the person's data go too. */
  readonly end: (me: Me, wipe: boolean) => Promise<void>;
  readonly unsentCount: () => Promise<number>;
  /** What waits to be sent, in words. */
  readonly unsentTexts: () => Promise<readonly string[]>;
  /** The session was there, by its cookie, and nothing else of what was kept with it. */
  readonly cleared: () => void;
}

/** A start without data waits so long for the server's word before it asks for a name and a password. */
const COOKIE_PATIENCE_MS = 3_000;
/** Whoever signed in longer ago than this has used the app here before. */
const VISIT_MS = 10 * 60_000;

const DONE: Result<void> = { ok: true, value: undefined };

export class Session implements SessionModel {
  readonly #api: ApiClient;
  readonly #people: People;
  readonly #events: SessionEvents;
  readonly #passkeys: PasskeyBrowser;
  #db: DeviceDb | null = null;
  #me = $state.raw<Me | null>(null);
  #status = $state<SessionModel['status']>('loading');
  #server = $state.raw<ServerInfo | null>(null);
  #ended = $state.raw<EndedSession | null>(null);
  #ownActs = 0;
  #expiredMeanwhile: { readonly cause: SessionEnd | null } | null = null;
  #beginning = false;

  constructor(api: ApiClient, people: People, passkeys: PasskeyBrowser, events: SessionEvents) {
    this.#api = api;
    this.#people = people;
    this.#passkeys = passkeys;
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
  get ended() {
    return this.#ended;
  }
  get passkeySupport() {
    return this.#passkeys.support;
  }
  /** The account behind `me`; null when signed out. */
  get account(): Me | null {
    return this.#me;
  }

  /** Takes up the session of the last visit, without the network. @param db null: this browser keeps nothing */
  async load(db: DeviceDb | null): Promise<void> {
    this.#db = db;
    const me = await (db?.session() ?? null);
    this.#ended = await (db?.endedSession() ?? null);
    const server = this.#askServer();
    if (me) return this.#begin(me);
    // A server that does not answer must not keep the door shut: by then it opens without its word.
    const takenUp = server.then(() => this.#takeUpCookie());
    void takenUp.then(() => this.#noteCleared());
    await within(COOKIE_PATIENCE_MS, takenUp, undefined);
    if (this.#status === 'loading') this.#status = 'signed-out';
  }

  /** Browsers clear data and keep cookies: whoever is signed in by theirs alone has no need to sign in again. */
  async #takeUpCookie(): Promise<void> {
    if (!this.#server?.signedIn) return;
    const result = await this.#api.get<Me>('/api/me');
    // Meanwhile somebody may have signed in by hand.
    if (!result.ok || this.#me || this.#beginning || this.#ownActs > 0) return;
    await this.#remember(result.value);
    await this.#begin(result.value);
  }

  /** A session that is older than this visit was kept here with all that belongs to it. */
  async #noteCleared(): Promise<void> {
    if (!this.#me) return;
    const sessions = await this.#api.get<SessionInfo[]>('/api/sessions');
    const current = sessions.ok && sessions.value.find((one) => one.current);
    if (current && current.usedAt - current.createdAt > VISIT_MS) this.#events.cleared();
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

  async setUpWithPasskey(token: string, name: string): Promise<Result<void>> {
    const create = (options: unknown) => this.#passkeys.create(options);
    const result = await this.#byPasskey('/api/setup/passkey', { token, name }, create, { token });
    void this.#askServer();
    return result;
  }

  async signInWithPasskey(): Promise<Result<void>> {
    return this.#byPasskey('/api/session/passkey', {}, (options) => this.#passkeys.use(options, false));
  }

  async signUpWithPasskey(name: string, invitation: string | null): Promise<Result<void>> {
    const body = invitation === null ? { name } : { name, invitation };
    return this.#byPasskey('/api/accounts/passkey', body, (options) => this.#passkeys.create(options));
  }

  offerPasskeys(): PasskeyOffer {
    return offerPasskeys(this.#passkeys, (ceremony) => this.#byPasskey('/api/session/passkey', {}, ceremony));
  }

  async recover(recovery: Recovery): Promise<Result<void>> {
    return this.#enter('/api/recovery', recovery);
  }

  unsentCount(): Promise<number> {
    return this.#events.unsentCount();
  }

  async signOut(): Promise<Result<void>> {
    // Without the server's word the cookie would still be good for whoever sits down here next.
    return this.leave(async () => {
      const result = await this.#api.delete<void>('/api/session');
      return result.ok || result.code !== 'signed-out' ? result : DONE;
    });
  }

  /** Ends the session by the person's own act; then nothing of theirs stays here. @param act asks the server */
  async leave(act: () => Promise<Result<void>>): Promise<Result<void>> {
    const me = this.#me;
    if (!me) return DONE;
    const result = await this.#byOwnAct(act);
    // The line may have told of the end before the answer came.
    if (result.ok && this.#me === me) await this.#end(me, true);
    return result;
  }

  /**
   * The server says that the session has ended: what is unsent stays for the same person's next sign-in. Of a deleted
   * account, whom nobody will ever be again, nothing stays; what they wrote in vain is shown once more.
   * @param cause null: the server does not know
   */
  async expire(cause: SessionEnd | null = null): Promise<void> {
    const me = this.#me;
    if (!me) return;
    if (this.#ownActs > 0) {
      this.#expiredMeanwhile ??= { cause };
      return;
    }
    if (cause === 'signed-out') return this.#leftElsewhere(me);
    const isDeleted = cause === 'deleted';
    const unsent = isDeleted ? 0 : await this.#events.unsentCount();
    const lost = isDeleted ? await this.#events.unsentTexts() : [];
    if (this.#me !== me) return;
    const ended: EndedSession = {
      ...{ user: me.id, name: me.name, unsent },
      ...(cause && { cause }),
      ...(isDeleted && { lost })
    };
    this.#ended = ended;
    if (!isDeleted) await this.#db?.setEndedSession(ended).catch(() => undefined);
    await this.#end(me, isDeleted);
  }

  forgetEnded(): void {
    this.#ended = null;
  }

  /** Another tab of this browser signed out or in anew: the cookie tells. */
  async #leftElsewhere(me: Me): Promise<void> {
    await this.#endHere(me);
    await this.#askServer();
    await this.#takeUpCookie();
  }

  /**
   * Signing in anew, signing out and deleting end the session that there was, and the line may say so before the answer
   * comes: that is no news then. Where the act fails, it was.
   */
  async #byOwnAct(act: () => Promise<Result<void>>): Promise<Result<void>> {
    this.#ownActs += 1;
    let done = false;
    try {
      const result = await act();
      done = result.ok;
      return result;
    } finally {
      this.#ownActs -= 1;
      const meanwhile = this.#ownActs === 0 ? this.#expiredMeanwhile : null;
      if (meanwhile) {
        this.#expiredMeanwhile = null;
        if (!done) await this.expire(meanwhile.cause);
      }
    }
  }

  /** The server's hello told something newer about the account. */
  async update(me: Me): Promise<void> {
    const before = this.#me;
    if (before?.id !== me.id) return;
    this.#people.rename(me.id, me.name);
    if (before.name === me.name && before.admin === me.admin && before.generation === me.generation) return;
    this.#me = me;
    await this.#remember(me);
  }

  /** Another tab signed out or in: this one follows. */
  async follow(): Promise<void> {
    const stored = await (this.#db?.session() ?? null);
    const before = this.#me;
    this.#ended = await (this.#db?.endedSession() ?? null);
    if (before && stored?.id !== before.id) await this.#endHere(before);
    if (stored && stored.id !== before?.id && !this.#beginning) await this.#begin(stored);
  }

  /** The cookie is another person's: go by the server's word. */
  async recheck(): Promise<void> {
    const before = this.#me;
    const result = await this.#api.get<Me>('/api/me');
    if (!result.ok || !before || result.value.id === before.id) return;
    await this.#end(before, false);
    await this.#remember(result.value);
    await this.#begin(result.value);
  }

  async #byPasskey(
    path: string,
    body: object,
    ceremony: (options: unknown) => Promise<Result<unknown>>,
    also: object = {}
  ): Promise<Result<void>> {
    const asked = await this.#api.post<CeremonyOptions>(`${path}/options`, body);
    if (!asked.ok) return asked;
    const made = await ceremony(asked.value.options);
    if (!made.ok) return made;
    return this.#enter(path, { ...also, ceremony: asked.value.ceremony, response: made.value });
  }

  #enter(path: string, body: unknown): Promise<Result<void>> {
    return this.#byOwnAct(async () => {
      const result = await this.#api.post<Me>(path, body);
      if (!result.ok) return result;
      // The line still speaks for the session that this one takes the place of.
      if (this.#me) await this.#events.end(this.#me, false);
      await this.#remember(result.value);
      await this.#begin(result.value);
      return DONE;
    });
  }

  async #begin(me: Me): Promise<void> {
    this.#people.rename(me.id, me.name);
    this.#beginning = true;
    try {
      if (!(await this.#events.begin(me))) return;
    } finally {
      this.#beginning = false;
    }
    if (this.#ended?.user === me.id) {
      this.#ended = null;
      await this.#db?.setEndedSession(null).catch(() => undefined);
    }
    this.#me = me;
    this.#status = 'signed-in';
  }

  async #end(me: Me, wipe: boolean): Promise<void> {
    this.#me = null;
    this.#status = 'signed-out';
    await this.#remember(null);
    await this.#events.end(me, wipe);
  }

  /** Another tab has ended it: what is stored is that tab's to change. */
  async #endHere(me: Me): Promise<void> {
    this.#me = null;
    this.#status = 'signed-out';
    await this.#events.end(me, false);
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
