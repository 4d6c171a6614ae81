// Passkeys that the browser offers beside the field for the name, as long as somebody stands at the door.
// Invariant: nobody asked for it, so only what came of a passkey that was taken is worth a word.

import type { Result } from '../model/result.ts';
import type { PasskeyBrowser } from './passkeys.ts';

export interface PasskeyOffer {
  /** How it went; null: nothing came of it. */
  readonly done: Promise<Result<void> | null>;
  stop(): void;
}

/** Runs a ceremony of signing in, from the server's question to its answer. */
type SignIn = (ceremony: (options: unknown) => Promise<Result<unknown>>) => Promise<Result<void>>;

/** The server forgets what a ceremony is about after some minutes: one that waits is begun anew before that. */
const OFFER_ANEW_MS = 2 * 60_000;
/** Not worth a word to somebody who did nothing. */
const QUIET_CODES = new Set(['cancelled', 'not-allowed', 'offline', 'rate-limited', 'passkey-failed']);
const CANCELLED: Promise<Result<unknown>> = Promise.resolve({ ok: false, code: 'cancelled', message: '' });

export function offerPasskeys(passkeys: PasskeyBrowser, signIn: SignIn): PasskeyOffer {
  let stopped = false;
  let anew: ReturnType<typeof setTimeout> | undefined;
  const offer = async (): Promise<Result<void> | null> => {
    if (passkeys.support !== 'ready' || !(await passkeys.offersWhileTyping())) return null;
    for (;;) {
      let overdue = false;
      const result = await signIn((options) => {
        if (stopped) return CANCELLED;
        anew = setTimeout(() => {
          overdue = true;
          passkeys.cancel();
        }, OFFER_ANEW_MS);
        return passkeys.use(options, true);
      });
      clearTimeout(anew);
      if (stopped) return result.ok ? result : null;
      if (overdue && !result.ok) continue;
      return result.ok || !QUIET_CODES.has(result.code) ? result : null;
    }
  };
  return {
    done: offer(),
    stop: () => {
      if (stopped) return;
      stopped = true;
      if (anew !== undefined) passkeys.cancel();
    }
  };
}
