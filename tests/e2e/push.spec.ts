// The real worker, with what the server would push brought to it through the browser's debugging protocol.

import { expect, test, type Page, type Worker } from '@playwright/test';
import type { PushedData } from '#protocol/push.ts';
import { appWorkerOf } from './app-worker.ts';
import { draftsOnDisk } from './device-data.ts';
import { Meeting } from './meeting.ts';
import { composer, expectArrived, message, send } from './person.ts';

interface Notice {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
}

test('[PUSH-13] [PUSH-14] [PUSH-15] a push shows a notification whatever comes; from it one opens, answers and marks read; reading takes it away', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName, { bo: { worker: true, keeps: true } });
  const { ann, bo, line, room } = meeting;
  const { page, context } = bo;
  await context.grantPermissions(['notifications'], { origin: line.url });
  await send(ann.page, 'The tide is in');
  await expectArrived(ann.page, 'The tide is in');
  await expect(message(page, 'The tide is in')).toBeVisible();
  const [{ id, n }] = (await meeting.history()).slice(-1) as unknown as [{ id: string; n: number }];

  const worker = await appWorkerOf(page, line.url);
  const pushed = (more: Partial<PushedData> = {}): string => {
    const data = { kind: 'message', room, id, n, thread: null, count: 2, badge: 2, mention: false, read: [], ...more };
    return JSON.stringify({ web_push: 8030, notification: { title: 'Roost', navigate: line.url, data } });
  };
  await page.goto(`${line.url}/settings/about`);
  await expect(page.getByRole('heading', { level: 1, name: 'About and keys' })).toBeVisible();

  // The room is known to this device: its name stands there, and no word of what was said.
  /** The debugging protocol loses what it is given while the worker is woken, which a push service does not: once more then. */
  const shows = (data: string, read: (shown: readonly Notice[]) => unknown, expected: unknown) =>
    expect(async () => {
      await worker.push(data);
      await expect.poll(async () => read(await notices(page)), { timeout: 5_000 }).toEqual(expected);
    }).toPass();
  await shows(pushed({ room: 'r'.repeat(22) }), (shown) => shown, [
    { title: 'Roost', body: '2 new messages', tag: 'r'.repeat(22) }
  ]);
  await shows('not even JSON', (shown) => shown.map(({ tag }) => tag).sort(), ['r'.repeat(22), 'unknown'].sort());
  await press(context.serviceWorkers()[0]!, 'unknown', '');
  // The room is read here, so the app takes its notification away the next time it looks.
  await shows(pushed({ read: ['r'.repeat(22)] }), (shown) => shown.map(({ title }) => title), ['Harbour crew']);

  await press(context.serviceWorkers()[0]!, room, '');
  await expect(page).toHaveURL(new RegExp(`/room/${room}`));
  await expect(message(page, 'The tide is in')).toBeVisible();
  await expect.poll(() => notices(page)).toEqual([]);

  await composer(page).fill('Begun before');
  await shows(pushed({ mention: true }), (shown) => shown.map(({ body }) => body), [
    'You are mentioned, 2 new messages'
  ]);
  // What is written there goes, and what stands in the composer stays.
  await press(context.serviceWorkers()[0]!, room, 'reply', 'On my way');
  await expectArrived(page, 'On my way');
  await expect(composer(page)).toHaveValue('Begun before');
  // Whom a name calls the app knows: it has what was written.
  await shows(pushed(), (shown) => shown.length, 1);
  await press(context.serviceWorkers()[0]!, room, 'reply', 'With @Ann');
  await expect(composer(page)).toHaveValue('Begun before\nWith @Ann');
  await expect(page).toHaveURL(`${line.url}/room/${room}`);
  await composer(page).fill('');

  // Where no window is open, too.
  await shows(pushed(), (shown) => shown.length, 1);
  await expect.poll(() => draftsOnDisk(page)).toEqual([]);
  await page.goto('about:blank');
  await press(context.serviceWorkers()[0]!, room, 'reply', 'Two minutes');
  await expect(message(ann.page, 'Two minutes')).toBeVisible();
  await page.goto(`${line.url}/room/${room}#write=In%20five%20minutes`);
  await expectArrived(page, 'Two minutes');
  await expect(composer(page)).toHaveValue('In five minutes');
  await expect(page).toHaveURL(`${line.url}/room/${room}`);
  // Nobody who comes back to that page is given it again.
  await composer(page).fill('Another thought');
  await page.getByRole('link', { name: 'Public rooms' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Public rooms' })).toBeVisible();
  await page.goBack();
  await expect(message(page, 'The tide is in')).toBeVisible();
  await expect(composer(page)).toHaveValue('Another thought');
  await composer(page).fill('');

  // Away from the room, something comes; marked read in the notification, it is read in the app.
  await page.goto(`${line.url}/settings/about`);
  await send(ann.page, 'And out again');
  await expectArrived(ann.page, 'And out again');
  await page.goto(line.url);
  const row = page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: /Harbour crew/ });
  await expect(row.getByText('1 unread', { exact: true })).toHaveCount(1);
  const [{ n: newest }] = (await meeting.history()).slice(-1) as unknown as [{ n: number }];
  await shows(pushed({ n: newest, count: 1 }), (shown) => shown.length, 1);
  await press(context.serviceWorkers()[0]!, room, 'read');
  await expect(row.getByText('1 unread', { exact: true })).toHaveCount(0);
});

const notices = (page: Page): Promise<Notice[]> =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    return (await registration.getNotifications()).map(({ title, body, tag }) => ({ title, body, tag }));
  });

/** The part of a worker's global scope that a press needs: its types do not go with those of pages. */
interface Pressable {
  readonly registration: ServiceWorkerRegistration;
  readonly NotificationEvent: new (type: string, init: { notification: Notification; action: string }) => Event;
  dispatchEvent(event: Event): boolean;
}

/** As if somebody pressed it: no driver reaches the system's own windows. */
const press = (worker: Worker, tag: string, action: string, reply?: string): Promise<void> =>
  worker.evaluate(
    async ([tag, action, reply]) => {
      const scope = self as unknown as Pressable;
      const [notification] = await scope.registration.getNotifications({ tag });
      const event = new scope.NotificationEvent('notificationclick', { notification: notification!, action });
      if (reply !== undefined) Object.defineProperty(event, 'reply', { value: reply });
      scope.dispatchEvent(event);
    },
    [tag, action, reply] as const
  );
