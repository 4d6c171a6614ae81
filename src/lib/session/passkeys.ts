// The browser's side of passkeys. Invariant: never throws, and loads its library only when a passkey is wanted: the
// first screen goes without. Where passkeys cannot be had, `support` says why.

import type * as library from '@simplewebauthn/browser';
import type { Result } from '../model/result.ts';
import { SUPPORT_WORDS } from './passkey-words.ts';
import { m } from '../words/generated/messages.js';

/**
 * insecure: plain http. address: opened by its IP address, for which browsers keep no passkeys. missing: this browser
 * has none.
 */
export type PasskeySupport = 'ready' | 'insecure' | 'address' | 'missing';

/** `options` and what comes back are WebAuthn's JSON forms: for the server, not for us. */
export interface PasskeyBrowser {
  readonly support: PasskeySupport;
  /** Whether the browser can offer passkeys in the name field, as it does names and passwords. */
  offersWhileTyping(): Promise<boolean>;
  create(options: unknown): Promise<Result<unknown>>;
  /** @param whileTyping waits until the person takes a passkey from the name field's suggestions */
  use(options: unknown, whileTyping: boolean): Promise<Result<unknown>>;
  /** Ends what waits; it comes back as `cancelled`. */
  cancel(): void;
}

/** Who never turns into a passkey: where there are none. */
export class NoPasskeys implements PasskeyBrowser {
  readonly support: Exclude<PasskeySupport, 'ready'>;

  constructor(support: Exclude<PasskeySupport, 'ready'>) {
    this.support = support;
  }

  async offersWhileTyping(): Promise<boolean> {
    return false;
  }
  async create(): Promise<Result<unknown>> {
    return { ok: false, code: 'passkey-unsupported', message: SUPPORT_WORDS[this.support]() };
  }
  async use(): Promise<Result<unknown>> {
    return this.create();
  }
  cancel(): void {
    // Nothing ever waits.
  }
}

type Library = Pick<typeof library, 'startRegistration' | 'startAuthentication' | 'WebAuthnAbortService'>;
type CreateOptions = Parameters<Library['startRegistration']>[0]['optionsJSON'];
type UseOptions = Parameters<Library['startAuthentication']>[0]['optionsJSON'];

class BrowserPasskeys implements PasskeyBrowser {
  readonly support = 'ready';
  #library: Promise<Library> | null = null;

  async offersWhileTyping(): Promise<boolean> {
    const { PublicKeyCredential: credential } = globalThis as { PublicKeyCredential?: typeof PublicKeyCredential };
    try {
      return (await credential?.isConditionalMediationAvailable?.()) ?? false;
    } catch {
      return false;
    }
  }

  create(options: unknown): Promise<Result<unknown>> {
    return this.#run((library) => library.startRegistration({ optionsJSON: options as CreateOptions }));
  }

  use(options: unknown, whileTyping: boolean): Promise<Result<unknown>> {
    return this.#run((library) =>
      library.startAuthentication({ optionsJSON: options as UseOptions, useBrowserAutofill: whileTyping })
    );
  }

  cancel(): void {
    void this.#library?.then(({ WebAuthnAbortService }) => WebAuthnAbortService.cancelCeremony());
  }

  async #run(ceremony: (library: Library) => Promise<unknown>): Promise<Result<unknown>> {
    let library: Library;
    try {
      library = await (this.#library ??= import('@simplewebauthn/browser'));
    } catch {
      this.#library = null;
      return {
        ok: false,
        code: 'offline',
        message: m.passkey_not_loaded()
      };
    }
    try {
      return { ok: true, value: await ceremony(library) };
    } catch (error) {
      return { ok: false, ...failureWords(error as { name?: unknown; code?: unknown }) };
    }
  }
}

/** Browsers do not tell "no" from "too late" from "no such passkey"; nor do we. */
function failureWords({ name, code }: { name?: unknown; code?: unknown }): { code: string; message: string } {
  if (code === 'ERROR_CEREMONY_ABORTED' || name === 'AbortError')
    return { code: 'cancelled', message: m.passkey_not_used() };
  if (code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED' || name === 'InvalidStateError')
    return { code: 'passkey-exists', message: m.passkey_exists() };
  if (code === 'ERROR_INVALID_DOMAIN' || code === 'ERROR_INVALID_RP_ID' || name === 'SecurityError')
    return { code: 'passkey-unsupported', message: SUPPORT_WORDS.address() };
  if (name === 'NotAllowedError') return { code: 'not-allowed', message: m.passkey_cancelled() };
  return { code: 'passkey-failed', message: m.passkey_failed() };
}

/** What this browser can do on this page. */
export function browserPasskeys(): PasskeyBrowser {
  if (!isSecureContext) return new NoPasskeys('insecure');
  if (!('PublicKeyCredential' in globalThis)) return new NoPasskeys('missing');
  if (/^(\d+\.){3}\d+$|^\[/.test(location.hostname)) return new NoPasskeys('address');
  return new BrowserPasskeys();
}
