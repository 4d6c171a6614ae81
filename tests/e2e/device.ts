// A person's device: a browser with a profile folder of its own, which outlives being killed, as a phone's does.

import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, firefox, type BrowserContext, type Page } from '@playwright/test';
import { chromiumLaunch, firefoxLaunch } from '../../scripts/browsers.ts';

export type BrowserName = 'chromium' | 'firefox';

export interface DeviceOptions {
  readonly args?: readonly string[];
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  readonly ignoreHTTPSErrors?: boolean;
  readonly hasTouch?: boolean;
}

/** What makes a Firefox one of fingers: Playwright's switch for that is not heard by it. */
const FIREFOX_TOUCH = { 'ui.primaryPointerCapabilities': 1, 'ui.allPointerCapabilities': 1 };

export class Device {
  readonly browserName: BrowserName;
  readonly #profileDir: string;
  readonly #options: DeviceOptions;
  #context: BrowserContext | null = null;
  #page: Page | null = null;

  private constructor(browserName: BrowserName, profileDir: string, options: DeviceOptions) {
    this.browserName = browserName;
    this.#profileDir = profileDir;
    this.#options = options;
  }

  static async open(browserName: BrowserName, options: DeviceOptions = {}): Promise<Device> {
    const device = new Device(browserName, await mkdtemp(path.join(tmpdir(), 'roost-device-')), options);
    await device.start();
    return device;
  }

  get context(): BrowserContext {
    if (!this.#context) throw new Error('this device is off');
    return this.#context;
  }

  get page(): Page {
    if (!this.#page) throw new Error('this device is off');
    return this.#page;
  }

  async start(): Promise<void> {
    const { args = [], viewport = { width: 1280, height: 800 }, ...rest } = this.#options;
    const common = { viewport, locale: 'en-GB', timezoneId: 'Europe/Oslo', ...rest };
    this.#context =
      this.browserName === 'chromium'
        ? await chromium.launchPersistentContext(this.#profileDir, {
            ...chromiumLaunch,
            ...common,
            args: [...chromiumLaunch.args, ...args]
          })
        : await firefox.launchPersistentContext(this.#profileDir, {
            ...firefoxLaunch,
            ...common,
            ...(rest.hasTouch ? { firefoxUserPrefs: FIREFOX_TOUCH } : {}),
            channel: 'moz-firefox'
          });
    this.#page = this.#context.pages()[0] ?? (await this.#context.newPage());
  }

  /** The battery is pulled: every process of the browser is killed at once. */
  async kill(): Promise<void> {
    const context = this.context;
    const closed = new Promise<void>((resolve) => context.once('close', () => resolve()));
    for (const pid of processesNaming(this.#profileDir)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It went with its parent.
      }
    }
    await closed;
    this.#context = null;
    this.#page = null;
  }

  async close(): Promise<void> {
    await this.#context?.close();
    this.#context = null;
    this.#page = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await rm(this.#profileDir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Processes whose command line names a folder that only this device has. */
function processesNaming(folder: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
      } catch {
        return false;
      }
    });
}
