// What people do on a device, in the words that the screens use.

import { expect, type Locator, type Page } from '@playwright/test';

export const PASSWORD = 'correct horse battery';

async function enter(page: Page, name: string, button: string): Promise<void> {
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('Password', { exact: false }).first().fill(PASSWORD);
  await page.getByRole('button', { name: button }).click();
}

/** Makes the first account by the set-up link. */
export async function setUp(page: Page, setupLink: string, name: string): Promise<void> {
  await page.goto(setupLink);
  await enter(page, name, 'Create the owner’s account');
  await expect(page.getByRole('navigation', { name: 'Rooms' })).toBeVisible();
}

/** On the screen for that. */
export async function signInAtTheDoor(page: Page, origin: string, name: string): Promise<void> {
  await page.goto(`${origin}/signin`);
  await enter(page, name, 'Sign in');
  await expect(page.getByRole('navigation', { name: 'Rooms' })).toBeVisible();
}

/** On a device that nobody has used yet, without its screen for that. */
export async function signIn(page: Page, origin: string, name: string): Promise<void> {
  await post(page, `${origin}/api/session`, { name, password: PASSWORD });
  await page.goto(origin);
  await expect(page.getByRole('navigation', { name: 'Rooms' })).toBeVisible();
}

/** As the page itself asks the server, with its cookies: what comes back signs it in. */
export async function post<Answer>(page: Page, url: string, body: object): Promise<Answer> {
  const response = await page.request.post(url, { data: body, headers: { origin: new URL(url).origin } });
  if (!response.ok()) throw new Error(`POST ${url}: ${response.status()} ${await response.text()}`);
  return (await response.json()) as Answer;
}

/** Opens an invitation link signed out, makes an account and ends up in the room. */
export async function signUpByInvitation(page: Page, link: string, name: string): Promise<void> {
  await page.goto(link);
  await page.getByRole('link', { name: 'Create an account and join' }).click();
  await enter(page, name, 'Create account');
  await expect(composer(page)).toBeVisible();
}

/** @returns the address of the new room's screen */
export async function createRoom(page: Page, name: string, kind: 'Private' | 'Public' = 'Private'): Promise<string> {
  await page.getByRole('link', { name: 'New room' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('radio', { name: kind }).check();
  await page.getByRole('button', { name: 'Create room' }).click();
  await expect(page.getByRole('heading', { level: 1, name, exact: true })).toBeVisible();
  await expect(page).toHaveURL(/\/room\/[\w-]{22}$/);
  return page.url();
}

/** The profile of a member of the room that is open, out of its details. */
export async function openMember(page: Page, name: string): Promise<Locator> {
  await page
    .getByRole('region', { name: 'Members' })
    .getByRole('button', { name: new RegExp(`^${name}\\b`) })
    .click();
  const profile = page.getByRole('dialog', { name: `Profile of ${name}` });
  await expect(profile).toBeVisible();
  return profile;
}

/** Writes to a person out of their profile, which a member's row opens. */
export async function writeTo(page: Page, name: string): Promise<void> {
  const profile = await openMember(page, name);
  await profile.getByRole('button', { name: 'Message' }).click();
  await expect(page.getByRole('heading', { level: 1, name, exact: true })).toBeVisible();
}

export async function removeFromRoom(page: Page, name: string): Promise<void> {
  const profile = await openMember(page, name);
  await profile.getByRole('button', { name: 'Remove from the room' }).click();
  await profile.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(page.getByText(`${name} was removed`).first()).toBeVisible();
  await expect(profile).toBeHidden();
}

/** The link of the invitation card of the room that is open. */
export async function invitationLink(page: Page): Promise<string> {
  const shown = page.getByText(/\/i#[\w-]{20,}/).first();
  await expect(shown).toBeVisible();
  const text = (await shown.textContent())!.trim();
  return `${new URL(page.url()).protocol}//${text}`;
}

/** Only once one can write: a test types also into a field that is still closed, and nothing arrives. */
export const composer = (page: Page): Locator => page.getByRole('textbox', { name: /^Write to /, disabled: false });

export async function send(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
}

/** The message with this very text. */
export const message = (page: Page, text: string): Locator =>
  page.getByRole('article').filter({ has: page.getByText(text, { exact: true }) });

/** @param timeout ms; left out: as long as anything is waited for */
export async function expectArrived(page: Page, text: string, timeout?: number): Promise<void> {
  await expect(message(page, text)).toHaveCount(1);
  await expect(message(page, text)).toContainText('on the server', timeout === undefined ? {} : { timeout });
}

export async function expectWaiting(page: Page, text: string): Promise<void> {
  await expect(message(page, text)).toContainText('kept on this device, waiting to be sent');
}

/** The texts of the messages drawn now, top to bottom. */
export async function drawnTexts(page: Page): Promise<string[]> {
  return page
    .getByRole('article')
    .evaluateAll((rows) => rows.map((row) => row.querySelector('p bdi')?.textContent ?? ''));
}

/** Waits until the page has all its parts: from then on each opens without a network. */
export async function untilAllThere(page: Page): Promise<void> {
  await page.waitForFunction(() => performance.getEntriesByName('roost-later-parts').length > 0);
}

/** Waits until the page is controlled by its worker: from then on it starts without a network. */
export async function untilControlled(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
}

/** Stops the clock of a page that has one of tests: from here on nothing happens in it at its time, only what it is told. */
export async function stopClock(page: Page): Promise<void> {
  // It goes on while it is asked, and is never set back.
  await expect(async () => page.clock.pauseAt((await page.evaluate(() => Date.now())) + 2_000)).toPass();
}

/** Tools are there while the mouse is on the row, which may move away from under it. */
export async function pressTool(row: Locator, tool: Locator): Promise<void> {
  await expect(async () => {
    await row.hover({ timeout: 5_000 });
    await tool.click({ timeout: 5_000 });
  }).toPass();
}

export async function openMessageSheet(page: Page, text: string): Promise<void> {
  const row = message(page, text);
  await pressTool(row, row.getByRole('button', { name: 'More', exact: true }));
  await expect(page.getByRole('dialog', { name: 'Message' })).toBeVisible();
}
