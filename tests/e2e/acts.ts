// What people do with a message on its screen, with a mouse and with a finger, and what the screen then shows of it.
// All of it means a message of the conversation: the same words in a quote or in a thread are passed over.

import { expect, type Locator, type Page } from '@playwright/test';
import { composer, pressTool } from './person.ts';

/** The message with these words, also where others quote it. */
export const said = (page: Page, text: string): Locator =>
  page
    .getByRole('main', { name: 'Conversation' })
    .getByRole('article')
    .filter({ has: page.locator('p').getByText(text, { exact: true }) });

export const reaction = (page: Page, text: string, emoji: string): Locator =>
  said(page, text).getByRole('group', { name: 'Reactions' }).getByRole('button', { name: emoji });

type Tool = 'React' | 'Reply' | 'Edit' | 'More';

/** With the mouse: a button of the tools that show while one is at the message. */
export async function use(page: Page, text: string, name: Tool): Promise<void> {
  const row = said(page, text);
  const tools = row.getByRole('group', { name: 'What to do with this message' });
  await pressTool(row, tools.getByRole('button', { name, exact: true }));
}

/** What can be done with the message, opened with the mouse. */
export async function sheetOf(page: Page, text: string): Promise<Locator> {
  await use(page, text, 'More');
  return page.getByRole('dialog', { name: 'Message' });
}

/** A finger rests on the message until its sheet rises. Sent to the page itself: no driver but Chromium's moves one. */
async function restOn(page: Page, text: string): Promise<Locator> {
  const words = said(page, text).locator('p').first();
  const finger = { pointerType: 'touch', pointerId: 7, isPrimary: true, bubbles: true, clientX: 40, clientY: 40 };
  const sheet = page.getByRole('dialog', { name: 'Message' });
  await words.dispatchEvent('pointerdown', finger);
  await expect(sheet).toBeVisible();
  await words.dispatchEvent('pointerup', finger);
  return sheet;
}

export async function react(page: Page, text: string, emoji: string): Promise<void> {
  await use(page, text, 'React');
  await page.getByRole('dialog', { name: 'React' }).getByRole('button', { name: emoji }).click();
}

export async function reactByFinger(page: Page, text: string, emoji: string): Promise<void> {
  await (await restOn(page, text)).getByRole('button', { name: emoji }).click();
}

export async function editByFinger(page: Page, text: string, words: string): Promise<void> {
  await (await restOn(page, text)).getByRole('button', { name: 'Edit', exact: true }).click();
  await expect(page.getByRole('group', { name: 'Editing' })).toContainText(text);
  await composer(page).fill(words);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(said(page, words)).toContainText('(edited)');
}

/** It can be undone for some seconds; `pastUndo` waits until it cannot, once the message is gone. */
export async function removeByFinger(page: Page, text: string): Promise<void> {
  await (await restOn(page, text)).getByRole('button', { name: 'Remove for everybody' }).click();
  await expect(said(page, text)).toHaveCount(0);
}

export async function pastUndo(page: Page): Promise<void> {
  await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0);
}

export interface DrawnMessage {
  readonly id: string;
  /** '' where it was removed. */
  readonly text: string;
  readonly edited: boolean;
  /** "👍 2" */
  readonly reactions: readonly string[];
  /** "At six, 1 vote" */
  readonly votes: readonly string[];
  /** "2 replies"; '' where there is no thread. */
  readonly thread: string;
}

/** The messages that are drawn now, top to bottom, as far as they are the same for all who see them. */
export function drawnMessages(page: Page): Promise<DrawnMessage[]> {
  return page
    .getByRole('main', { name: 'Conversation' })
    .getByRole('article')
    .evaluateAll((rows) =>
      rows.map((row) => {
        const labels = (selector: string): string[] =>
          [...row.querySelectorAll(selector)].map((element) => element.getAttribute('aria-label') ?? '');
        return {
          id: (row as HTMLElement).dataset['row'] ?? '',
          text: row.querySelector('p bdi')?.textContent ?? '',
          edited: row.textContent.includes('(edited)'),
          reactions: labels('[aria-label="Reactions"] [aria-pressed]').map((label) => label.split(':')[0] ?? ''),
          votes: labels('[aria-label="Poll"] [aria-pressed]'),
          thread: row.querySelector('a[href*="/thread/"] .count')?.textContent ?? ''
        };
      })
    );
}
