// Web Push in the worker: each push shows a notification, whatever else fails; a press leads to what it is about.
// Invariant: a push without a notification is never answered with silence, which browsers take for tracking.

import { readPush, readPushedData, type PushedData } from '../lib/protocol/push.ts';
import { deliverNow } from './deliver.ts';
import { keepRead, knownRoom } from './known-rooms.ts';
import { keepReply } from './reply.ts';
import { pathOf, replyPathOf, shownPush, shownUnknown, type Shown } from './shown-push.ts';
import { subscribeAnew } from './subscribe-anew.ts';

declare const self: ServiceWorkerGlobalScope;

/** What tabs are told: to go there. */
const OPEN = 'OPEN';

const takesText = (): boolean => 'reply' in NotificationEvent.prototype;

export function listenToPush(): void {
  self.addEventListener('push', (event) => event.waitUntil(shownFor(event.data)));
  self.addEventListener('notificationclick', (event) => {
    event.notification.close();
    event.waitUntil(pressed(event.action, event.notification, (event as { reply?: string | null }).reply ?? ''));
  });
  self.addEventListener('pushsubscriptionchange', (event) => {
    (event as ExtendableEvent).waitUntil(subscribeAnew(self.registration));
  });
}

async function shownFor(message: PushMessageData | null): Promise<void> {
  let data: PushedData | null = null;
  let shown: Shown;
  try {
    data = message && readPush(message.text());
    shown = data ? shownPush(data, await knownRoom(data.room), takesText()) : shownUnknown();
  } catch {
    shown = shownUnknown();
  }
  await self.registration.showNotification(shown.title, shown.options);
  if (data) await Promise.allSettled([setBadge(data.badge), closeRead(data.read)]);
}

async function setBadge(count: number): Promise<void> {
  if (!('setAppBadge' in self.navigator)) return;
  const { navigator } = self;
  await (count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge());
}

/** What was read on another device. */
async function closeRead(tags: readonly string[]): Promise<void> {
  for (const tag of tags) {
    for (const notification of await self.registration.getNotifications({ tag })) notification.close();
  }
}

async function pressed(action: string, { data }: Notification, reply: string): Promise<void> {
  const pushed = readPushedData(data);
  if (!pushed) return open('/');
  if (action === 'read' && pushed.n !== null) return markRead(pushed.room, pushed.n);
  if (action !== 'reply') return open(pathOf(pushed));
  if (!(await keepReply(pushed, reply))) return open(replyPathOf(pushed, reply));
  await Promise.all([deliverNow(), pushed.n === null ? null : markRead(pushed.room, pushed.n)]);
}

async function markRead(room: string, n: number): Promise<void> {
  try {
    const answer = await fetch(`/api/rooms/${room}/read`, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ n })
    });
    if (answer.ok) return;
  } catch {
    // No line: the app tells the server.
  }
  await keepRead(room, n);
}

/** In a window that is open already, else in a new one. */
async function open(path: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const [best] = [...windows].sort((a, b) => Number(b.focused) - Number(a.focused) || visibility(b) - visibility(a));
  if (!best) {
    await self.clients.openWindow(path);
    return;
  }
  // Where it may not be focused, the path still leads there when somebody looks.
  await best.focus().catch(() => undefined);
  best.postMessage({ type: OPEN, path });
}

const visibility = ({ visibilityState }: WindowClient): number => Number(visibilityState === 'visible');
