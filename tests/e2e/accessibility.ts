// What axe finds wrong with the screen that is shown. It runs in the page itself and tells of what is wrong alone: axe's own
// binding brings back all that is right as well, from a screen full of emoji in a minute rather than in five seconds.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import type axe from 'axe-core';

const source = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const GRAVE = new Set<string | null | undefined>(['serious', 'critical']);

export interface Violation {
  readonly rule: string;
  readonly impact: string | null | undefined;
  /** Which element it is, and what it lacks. */
  readonly found: string;
}

export interface Scope {
  /** Selector; by default the whole document. */
  readonly within?: string;
  /** Of rules, as axe names them; by default all. */
  readonly tags?: readonly string[];
}

/** All that is wrong, once what appears is there whole: half-way through a fade, colours are not what they will be. */
export async function violations(page: Page, { within, tags }: Scope = {}): Promise<Violation[]> {
  await untilAtRest(page);
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source);
  const options: axe.RunOptions = { resultTypes: ['violations'], ...(tags && { runOnly: [...tags] }) };
  return page.evaluate(
    async ([selector, runOptions]) => {
      const { axe: runner } = window as unknown as { axe: typeof axe };
      const { violations: kinds } = await runner.run(selector ?? document, runOptions);
      return kinds.flatMap(({ id, impact, nodes }) =>
        nodes.map(({ target, failureSummary }) => ({
          rule: id,
          impact,
          found: `${target.join(' ')}: ${failureSummary ?? ''}`
        }))
      );
    },
    [within, options] as const
  );
}

/** What keeps people from using the screen. */
export async function graveViolations(page: Page): Promise<Violation[]> {
  return (await violations(page)).filter(({ impact }) => GRAVE.has(impact));
}

/** The same in both themes, with what appears at once: that is how the page is left. */
export async function graveInBothThemes(page: Page): Promise<Violation[]> {
  const found: Violation[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    found.push(...(await graveViolations(page)).map((one) => ({ ...one, found: `${colorScheme}, ${one.found}` })));
  }
  return found;
}

async function untilAtRest(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const passing = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity);
    await Promise.allSettled(passing.map(({ finished }) => finished));
  });
}
