// What the app takes from the browser, in one place, so that tests can give it something else.
// Invariant: features that need a secure context are null where they are missing; nobody else asks for them.

import { allowOwnScripts } from './pwa/own-scripts.ts';
import { browserPasskeys, type PasskeyBrowser } from './session/passkeys.ts';
import { browserInstall, type InstallBrowser } from './pwa/install-browser.ts';
import { browserPush, type PushBrowser } from './pwa/push-browser.ts';
import { endTransactionsWhenAway } from './storage/page-cache.ts';
import type { WorkerLike } from './proof/signature-checks.ts';

/** The part of the browser's WebSocket that the line needs. */
export interface SocketLike {
  binaryType: BinaryType;
  readonly bufferedAmount: number;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  onerror: ((event: Event) => void) | null;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

/** The part of BroadcastChannel that tabs need. */
export interface ChannelLike {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

export interface Environment {
  /** Of the page, without a trailing slash: https://chat.example. */
  readonly origin: string;
  /** First part of every database's name. */
  readonly databasePrefix: string;
  /** False on plain http off localhost: no worker, no locks, no persistent storage. */
  readonly secure: boolean;
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
  readonly openSocket: (url: string) => SocketLike;
  /** Epoch ms. */
  readonly now: () => number;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  /** WebCrypto. */
  readonly subtle: SubtleCrypto | null;
  /** Checks signatures off the main thread. */
  readonly openSignatureWorker: (() => WorkerLike) | null;
  readonly locks: LockManager | null;
  readonly openChannel: ((name: string) => ChannelLike) | null;
  /** What the service worker keeps: pictures of people. */
  readonly caches: CacheStorage | null;
  readonly storage: StorageManager | null;
  readonly serviceWorker: ServiceWorkerContainer | null;
  readonly passkeys: PasskeyBrowser;
  /** Left out: nothing is installed here. */
  readonly install?: InstallBrowser;
  /** Left out: nothing is pushed here. */
  readonly push?: PushBrowser;
  readonly visible: () => boolean;
  /** Of all windows this one has the person's keys. */
  readonly focused: () => boolean;
  /** Calls back when it is worth trying the network at once, and when the page is shown or hidden. */
  readonly onWake: (listener: () => void) => () => void;
  readonly onVisibility: (listener: () => void) => () => void;
  /** Calls back when the page is hidden, or goes. */
  readonly onHide: (listener: () => void) => () => void;
  /** Calls back whenever the person touches the page in any way: often. */
  readonly onInput: (listener: () => void) => () => void;
  /** The browser asks before this page goes, until what is returned is called. */
  readonly askBeforeLeaving: () => () => void;
  readonly reload: () => void;
}

function listen(targets: readonly (readonly [EventTarget, string])[], listener: (event: Event) => void): () => void {
  for (const [target, type] of targets) target.addEventListener(type, listener, { passive: true });
  return () => {
    for (const [target, type] of targets) target.removeEventListener(type, listener);
  };
}

/** The real browser. */
export function browserEnvironment(): Environment {
  allowOwnScripts(window);
  endTransactionsWhenAway(window, navigator, () => location.reload());
  // lib.dom says that these are always there; on plain http they are not.
  const missing = navigator as {
    locks?: LockManager;
    storage?: StorageManager;
    serviceWorker?: ServiceWorkerContainer;
  };
  return {
    origin: location.origin,
    databasePrefix: 'roost',
    secure: isSecureContext,
    fetch: (path, init) => fetch(path, init),
    openSocket: (url) => new WebSocket(url),
    now: () => Date.now(),
    random: () => Math.random(),
    // Missing on plain http, too.
    subtle: (crypto as { subtle?: SubtleCrypto }).subtle ?? null,
    openSignatureWorker:
      typeof Worker === 'undefined'
        ? null
        : () => new Worker(new URL('./proof/signature-worker.ts', import.meta.url), { type: 'module' }),
    locks: missing.locks ?? null,
    openChannel: typeof BroadcastChannel === 'undefined' ? null : (name) => new BroadcastChannel(name),
    caches: typeof caches === 'undefined' ? null : caches,
    storage: missing.storage ?? null,
    serviceWorker: missing.serviceWorker ?? null,
    passkeys: browserPasskeys(),
    install: browserInstall(),
    push: browserPush(),
    visible: () => document.visibilityState === 'visible',
    focused: () => document.hasFocus(),
    onWake: (listener) =>
      listen(
        [
          [window, 'online'],
          [window, 'pageshow'],
          [document, 'resume'],
          [document, 'visibilitychange']
        ],
        () => {
          if (document.visibilityState === 'visible') listener();
        }
      ),
    onVisibility: (listener) => listen([[document, 'visibilitychange']], listener),
    onHide: (listener) =>
      listen(
        [
          [document, 'visibilitychange'],
          [window, 'pagehide']
        ],
        ({ type }) => {
          // A page that goes is told so while it still counts as visible.
          if (type === 'pagehide' || document.visibilityState === 'hidden') listener();
        }
      ),
    onInput: (listener) =>
      listen(
        ['pointerdown', 'pointermove', 'keydown', 'wheel', 'focus'].map((type) => [window, type] as const),
        listener
      ),
    askBeforeLeaving: () => {
      const ask = (event: Event): void => event.preventDefault();
      addEventListener('beforeunload', ask);
      return () => removeEventListener('beforeunload', ask);
    },
    reload: () => location.reload()
  };
}
