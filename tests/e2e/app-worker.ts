// What only the browser itself does to the app's worker, by its debugging protocol: Chromium alone.

import type { Page } from '@playwright/test';

export interface AppWorker {
  push(data: string): Promise<void>;
  /** As when there is a line again. */
  wake(tag: string): Promise<void>;
}

/** The worker of the page's origin, also where the page has gone elsewhere since. */
export async function appWorkerOf(page: Page, origin: string): Promise<AppWorker> {
  const session = await page.context().newCDPSession(page);
  const found = new Promise<string>((resolve) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [registration] = registrations.filter(({ isDeleted }) => !isDeleted);
      if (registration) resolve(registration.registrationId);
    });
  });
  await session.send('ServiceWorker.enable');
  const of = { origin, registrationId: await found };
  return {
    push: async (data) => void (await session.send('ServiceWorker.deliverPushMessage', { ...of, data })),
    wake: async (tag) => void (await session.send('ServiceWorker.dispatchSyncEvent', { ...of, tag, lastChance: false }))
  };
}
