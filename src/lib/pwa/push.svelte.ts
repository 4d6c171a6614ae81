// Whether this device is pushed to: what the browser allows, what it is subscribed to, and what the server knows of it.
// Invariant: the browser asks the person on a tap alone; what they allowed once is kept up without a word, also when the
// server's key is another or the browser has let the subscription go.

import type { PushState } from '#protocol/push.ts';
import type { Result } from '../model/result.ts';
import type { PushModel, PushStatus } from '../model/push-model.ts';
import type { ApiClient } from '../session/api-client.ts';
import { m } from '../words/generated/messages.js';
import type { PushBrowser } from './push-browser.ts';

/** What is kept on this device. */
export interface PushMemory {
  /** Nobody has answered the offer yet. */
  readonly wasOffered: () => Promise<boolean>;
  readonly noteOffered: () => void;
}

/** Where nothing is pushed. */
const NOWHERE: PushBrowser = {
  registration: () => Promise.resolve(null),
  secure: true,
  needsHomeScreen: false,
  permission: () => 'denied',
  ask: () => Promise.resolve('denied')
};

const DONE: Result<void> = { ok: true, value: undefined };

export class Push implements PushModel {
  readonly #browser: PushBrowser;
  readonly #api: Pick<ApiClient, 'get' | 'put' | 'delete'>;
  readonly #memory: PushMemory;
  #status = $state<PushStatus>('loading');
  #content = $state(false);
  #offered = $state(false);
  #keeping: Promise<void> | null = null;

  constructor(browser: PushBrowser | null, api: Pick<ApiClient, 'get' | 'put' | 'delete'>, memory: PushMemory) {
    this.#browser = browser ?? NOWHERE;
    this.#api = api;
    this.#memory = memory;
  }

  get status() {
    return this.#status;
  }
  get content() {
    return this.#content;
  }
  get offered() {
    return this.#offered && this.#status === 'off';
  }

  /** With each line: the server may have another key, or have lost the subscription. Never rejects. */
  lineUp(): Promise<void> {
    this.#keeping ??= this.#keepUp()
      .catch(() => undefined)
      .finally(() => (this.#keeping = null));
    return this.#keeping;
  }

  async refresh(): Promise<void> {
    while (this.#keeping) await this.#keeping;
    await this.#look();
    if (this.#status === 'on' || this.#status === 'off') await this.lineUp();
  }

  /** A message was sent: now one knows what notifications are for. Never rejects. */
  async sent(): Promise<void> {
    try {
      if (this.#offered || (await this.#memory.wasOffered())) return;
      await this.#look();
      this.#offered = this.#status === 'off' && this.#browser.permission() === 'default';
    } catch {
      // A device that cannot tell whether it was offered is not asked again and again.
    }
  }

  dismissOffer(): void {
    this.#offered = false;
    this.#memory.noteOffered();
  }

  async turnOn(): Promise<Result<void>> {
    this.dismissOffer();
    // First of all: what the person taps counts for a moment only.
    const permission = await this.#browser.ask();
    if (permission !== 'granted') {
      this.#status = permission === 'denied' ? 'blocked' : 'off';
      return { ok: false, code: 'blocked', message: m.push_blocked() };
    }
    const registration = await this.#browser.registration();
    const state = await this.#api.get<PushState>('/api/push');
    if (!state.ok) return state;
    const subscription = registration && (await subscribe(registration, state.value.publicKey));
    if (!subscription) return { ok: false, code: 'failed', message: m.push_failed() };
    return this.#put(subscription);
  }

  /** What is being kept up comes before it, and nothing is while it lasts: that would turn it on again. */
  async turnOff(): Promise<Result<void>> {
    while (this.#keeping) await this.#keeping;
    const off = this.#turnOff();
    const over = off.then(
      () => undefined,
      () => undefined
    );
    this.#keeping = over.finally(() => (this.#keeping = null));
    return off;
  }

  async #turnOff(): Promise<Result<void>> {
    // At the server first: what it still knew of would be kept up with the next line.
    const told = await this.#api.delete<PushState>('/api/push/subscription');
    if (!told.ok) return told;
    const registration = await this.#browser.registration();
    await (await registration?.pushManager.getSubscription())?.unsubscribe();
    this.#status = 'off';
    return DONE;
  }

  async setContent(content: boolean): Promise<Result<void>> {
    const registration = await this.#browser.registration();
    const subscription = await registration?.pushManager.getSubscription();
    if (!subscription) return { ok: false, code: 'failed', message: m.push_failed() };
    return this.#put(subscription, content);
  }

  /** Signed out: what comes for the one who was here is not to be shown. Never rejects. */
  async end(): Promise<void> {
    this.#offered = false;
    this.#content = false;
    this.#status = 'loading';
    try {
      const registration = await this.#browser.registration();
      await (await registration?.pushManager.getSubscription())?.unsubscribe();
      for (const shown of (await registration?.getNotifications()) ?? []) shown.close();
    } catch {
      // The server has ended it with the session.
    }
  }

  async #look(): Promise<void> {
    const { secure, needsHomeScreen } = this.#browser;
    if (!secure) return void (this.#status = 'insecure');
    if (needsHomeScreen) return void (this.#status = 'home-screen');
    const registration = await this.#browser.registration().catch(() => null);
    if (!registration) return void (this.#status = 'unsupported');
    const permission = this.#browser.permission();
    if (permission === 'denied') return void (this.#status = 'blocked');
    const subscription = permission === 'granted' ? await registration.pushManager.getSubscription() : null;
    this.#status = subscription ? 'on' : 'off';
  }

  async #keepUp(): Promise<void> {
    await this.#look();
    if ((this.#status !== 'on' && this.#status !== 'off') || this.#browser.permission() !== 'granted') return;
    const registration = await this.#browser.registration();
    const state = await this.#api.get<PushState>('/api/push');
    if (!state.ok || !registration) return;
    const { publicKey, subscription: known } = state.value;
    const there = await registration.pushManager.getSubscription();
    // Turned off by its person, on this device or by the list of sessions: nothing is to be kept up.
    if (!there && !known) return;
    const isCurrent = there !== null && hasKey(there, publicKey);
    if (isCurrent && known?.endpoint === there.endpoint) {
      this.#content = known.content;
      return;
    }
    const subscription = isCurrent ? there : await subscribe(registration, publicKey);
    if (subscription) await this.#put(subscription);
  }

  async #put(subscription: PushSubscription, content?: boolean): Promise<Result<void>> {
    const body = { ...subscription.toJSON(), ...(content !== undefined && { content }) };
    const answer = await this.#api.put<PushState>('/api/push/subscription', body);
    if (!answer.ok) {
      // The browser would say that it is on, and nothing would ever come.
      if (this.#status !== 'on') await subscription.unsubscribe().catch(() => false);
      return answer;
    }
    this.#status = 'on';
    this.#content = answer.value.subscription?.content ?? false;
    return DONE;
  }
}

/** null: the browser's push service does not answer. */
async function subscribe(
  { pushManager }: ServiceWorkerRegistration,
  applicationServerKey: string
): Promise<PushSubscription | null> {
  try {
    const before = await pushManager.getSubscription();
    // A subscription is bound to the key of its server, and there is one at a time.
    if (before && !hasKey(before, applicationServerKey)) await before.unsubscribe();
    return await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  } catch {
    return null;
  }
}

function hasKey({ options }: PushSubscription, publicKey: string): boolean {
  const key = options.applicationServerKey;
  // A browser that does not tell is believed.
  if (!key) return true;
  const text = btoa(String.fromCharCode(...new Uint8Array(key)));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '') === publicKey;
}
