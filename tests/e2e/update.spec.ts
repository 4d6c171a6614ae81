import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { RoostProcess } from '../process/roost-process.ts';
import { Meeting } from './meeting.ts';
import { composer, createRoom, expectArrived, send, setUp, untilControlled } from './person.ts';

test('[E2E-14] a new version is offered and waits; accepting it keeps the drafts of all tabs', async ({
  browserName
}) => {
  await using build = await BuildCopy.make();
  await using meeting = await Meeting.open(browserName, {
    main: 'tests/process/build-main.ts',
    env: { ROOST_TEST_BUILD_DIR: build.folder },
    bo: { worker: true }
  });
  const { bo, line, room } = meeting;
  const other = await bo.context.newPage();
  await other.goto(`${line.url}/`);
  await createRoom(other, 'Second tab');
  await send(other, 'Something to stay for');
  await expectArrived(other, 'Something to stay for');
  await untilControlled(other);

  await build.release('next');
  await composer(bo.page).fill('unsent in the first tab');
  await composer(other).fill('unsent in the second tab');
  // What the app does every hour by itself.
  await bo.page.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration())!.update()));
  for (const tab of [bo.page, other]) {
    await expect(tab.getByText('A new version of Roost is ready. Drafts stay.')).toBeVisible();
    expect(await versionOf(tab)).toBeNull();
  }

  await bo.page.getByRole('button', { name: 'Reload' }).click();
  for (const tab of [bo.page, other]) await expect.poll(() => versionOf(tab)).toBe('next');
  await expect(composer(bo.page)).toHaveValue('unsent in the first tab');
  await expect(composer(other)).toHaveValue('unsent in the second tab');
  expect(new URL(bo.page.url()).pathname).toBe(`/room/${room}`);
  await expect(bo.page.getByText('A new version of Roost is ready.')).toHaveCount(0);
  await send(bo.page, 'unsent in the first tab');
  await expectArrived(bo.page, 'unsent in the first tab');
});

test('[PWA-5] without a worker, a tab whose screens a newer build has replaced loads anew instead of saying that it broke', async ({
  browser
}) => {
  const built = path.resolve(import.meta.dirname, '../../build');
  const { version } = JSON.parse(await readFile(path.join(built, '_app/version.json'), 'utf8')) as { version: string };
  const inputs = await readFile(path.join(built, '.inputs'), 'utf8');
  expect(version, 'another build has another name').toContain(inputs.slice(0, 12));

  await using roost = await RoostProcess.start();
  await using context = await browser.newContext({ serviceWorkers: 'block' });
  const page = await context.newPage();
  await setUp(page, roost.setupLink, 'Ann');
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Profile' })).toBeVisible();

  // Administration is not among the screens that are fetched beforehand.
  let replaced = true;
  // Told by the request for the page: its screens are asked for before it counts as loaded.
  page.on('request', (request) => {
    if (request.isNavigationRequest()) replaced = false;
  });
  await page.route('**/_app/version.json', (route) => route.fulfill({ json: { version: 'of-the-newer-build' } }));
  await page.route('**/_app/immutable/nodes/**', (route) =>
    replaced ? route.fulfill({ status: 404 }) : route.continue()
  );
  await page.getByRole('link', { name: 'Administration' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'People' })).toBeVisible();
  expect(replaced).toBe(false);
});

/** null while the page reloads, too. */
const versionOf = (page: Page): Promise<string | null> =>
  page.evaluate(() => document.documentElement.getAttribute('data-version')).catch(() => null);

/** A build of the app in a folder of its own, in which new versions can be released. */
class BuildCopy {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<BuildCopy> {
    const folder = await mkdtemp(path.join(tmpdir(), 'roost-build-'));
    await cp(path.resolve(import.meta.dirname, '../../build'), folder, { recursive: true });
    return new BuildCopy(folder);
  }

  /** Another page under another revision, as a build of changed sources leaves it. */
  async release(version: string): Promise<void> {
    await this.#rewrite('200.html', (html) => html.replace('<html', `<html data-version="${version}"`));
    await this.#rewrite('sw.js', (worker) =>
      worker.replace(/"revision":"[0-9a-f]+","url":"200\.html"/, `"revision":"${version}","url":"200.html"`)
    );
  }

  async #rewrite(file: string, change: (text: string) => string): Promise<void> {
    const full = path.join(this.folder, file);
    const before = await readFile(full, 'utf8');
    const after = change(before);
    expect(after, `${file} was not changed`).not.toBe(before);
    // The compressed copies are of the version before.
    for (const end of ['.br', '.gz']) await rm(full + end, { force: true });
    // In one step: the browser looks for a new version by itself, too, and half a file is one.
    await writeFile(`${full}.next`, after);
    await rename(`${full}.next`, full);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}
