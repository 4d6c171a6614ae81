// The service worker: everything the app is made of is fetched at install and served from the cache, and
// every page address is answered with the fallback page, so that a deep link starts without a server.
// What the server owns (API, sync, files, health, trust page) is never answered from here, but for pictures of people,
// whose addresses name their content.
// Invariant: a new version waits until the page asks for it; no page is swapped under its user's hands.
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { isAvatarPath, keptAvatar } from '../lib/storage/avatar-cache.ts';
import { listenToSync } from './deliver.ts';
import { listenToPush } from './push.ts';
import { listenToShares } from './share.ts';

declare const self: ServiceWorkerGlobalScope;

const serverOwned = [/^\/(?:api|sync|files|healthz|trust)(?:\/|$)/];

precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();
registerRoute(new NavigationRoute(createHandlerBoundToURL('/200.html'), { denylist: serverOwned }));

registerRoute(
  ({ url, sameOrigin }) => sameOrigin && isAvatarPath(url.pathname),
  ({ request }) => keptAvatar(request, caches, (wanted) => fetch(wanted))
);

listenToPush();
listenToShares();
listenToSync();

self.addEventListener('activate', (event) => {
  // The page of the first visit was loaded before there was a worker: without this it would stay without.
  event.waitUntil(self.clients.claim());
});

self.addEventListener('message', (event: ExtendableMessageEvent) => {
  const data: unknown = event.data;
  if (typeof data === 'object' && data !== null && 'type' in data && data.type === 'SKIP_WAITING') {
    event.waitUntil(self.skipWaiting());
  }
});
