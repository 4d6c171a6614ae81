// A window says to the service worker that it is awake: one that the system has frozen does not, and sends nothing either.

/** What the worker asks, and what it is answered. */
export const AWAKE = 'awake';

/** @param container null: there is no worker */
export function answerWorker(
  container: Pick<ServiceWorkerContainer, 'addEventListener' | 'startMessages'> | null
): void {
  container?.addEventListener('message', ({ data, ports }: MessageEvent) => {
    if (data === AWAKE) ports[0]?.postMessage(AWAKE);
  });
  container?.startMessages();
}
