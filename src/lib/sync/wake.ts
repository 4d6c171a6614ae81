// How the browser is asked to wake the worker once there is a line (Background Sync; Chromium alone has it).

/** What it is woken for. */
export const WAKE_TAG = 'outbox';

/** Missing in TypeScript's library. */
interface WithSync {
  readonly sync?: { register(tag: string): Promise<void> };
}

/** Never throws. @param registration left out: the app has no worker yet */
export async function askForWake(registration: ServiceWorkerRegistration | undefined): Promise<void> {
  try {
    await (registration as WithSync | undefined)?.sync?.register(WAKE_TAG);
  } catch {
    // The person does not want it: it goes out when the app is open.
  }
}
