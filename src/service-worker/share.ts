// What another app shares comes as a form, posted to an address that the worker alone answers: it is kept, and the page
// asks into which room it goes. Without the worker the server leads to the same page, which says that it was lost.

import { signedIn } from './known-device.ts';
import { putShared } from '../lib/storage/shared-cache.ts';

declare const self: ServiceWorkerGlobalScope;

/** As `share_target` in the manifest has it. */
const SHARE_PATH = '/share';

export function listenToShares(): void {
  self.addEventListener('fetch', (event) => {
    const { method, url } = event.request;
    if (method === 'POST' && new URL(url).pathname === SHARE_PATH) event.respondWith(kept(event.request));
  });
}

async function kept(request: Request): Promise<Response> {
  let problem = '';
  try {
    // The system names no page that it comes from; a page of the web that names itself is none of the person's apps.
    const from = request.referrer === '' ? null : new URL(request.referrer).origin;
    if (from !== null && from !== self.location.origin) throw new TypeError('posted by another site');
    const me = await signedIn();
    await putShared(caches, await request.formData(), { now: Date.now(), who: me?.id ?? null });
  } catch {
    problem = '?lost';
  }
  // A page that is asked for, so that reloading it shares nothing again.
  return Response.redirect(`${SHARE_PATH}${problem}`, 303);
}
