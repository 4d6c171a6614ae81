// The browser has let a push subscription go, or the server has another key: subscribed anew without a word, as the person
// has said already that they want it. Invariant: asks for no permission; without one nothing is done.

import type { PushState } from '../lib/protocol/push.ts';

export async function subscribeAnew({ pushManager }: ServiceWorkerRegistration): Promise<void> {
  if ((await pushManager.permissionState({ userVisibleOnly: true })) !== 'granted') return;
  const asked = await fetch('/api/push', { credentials: 'same-origin' });
  if (!asked.ok) return;
  const { publicKey, subscription: known } = (await asked.json()) as PushState;
  // Taken back by its person.
  if (!known) return;
  const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
  await fetch('/api/push/subscription', {
    method: 'PUT',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(subscription)
  });
}
