// A person's device. With `keeps` it is a browser with a profile folder, which outlives being closed and killed, as a
// phone's does. Without, it is in Chromium a context of one browser that all tests of a process share: storage, workers and
// cookies of its own, in less than half of the time. Firefox gives the focus to one of its contexts alone, and who has no
// focus reads nothing: there each device is a browser.
// To keep the app on a device costs more of the processor than all else that opening it does: only those that load a page
// without a network have the app's worker. The others are as browsers that allow none.

import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, firefox, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { chromiumLaunch, chromiumShellLaunch, firefoxLaunch } from '../../scripts/browsers.ts';

export type BrowserName = 'chromium' | 'firefox';

export interface DeviceOptions {
  /** Closed and started again, it has what it had: the app, too. */
  readonly keeps?: boolean;
  /** Has the app's worker, and with it the app when there is no network. */
  readonly worker?: boolean;
  /** Of a browser of its own. */
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
  /** null: a context of the shared browser. */
  readonly #profileDir: string | null;
  readonly #options: DeviceOptions;
  #context: BrowserContext | null = null;
  #page: Page | null = null;

  private constructor(browserName: BrowserName, profileDir: string | null, options: DeviceOptions) {
    this.browserName = browserName;
    this.#profileDir = profileDir;
    this.#options = options;
  }

  get hasWorker(): boolean {
    return this.#options.keeps === true || this.#options.worker === true;
  }

  static async open(browserName: BrowserName, options: DeviceOptions = {}): Promise<Device> {
    const ownBrowser = browserName === 'firefox' || options.keeps === true || options.args !== undefined;
    const profileDir = ownBrowser ? await mkdtemp(path.join(tmpdir(), 'roost-device-')) : null;
    const device = new Device(browserName, profileDir, options);
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
    this.#context = await this.#openContext();
    this.#page = this.#context.pages()[0] ?? (await this.#context.newPage());
  }

  async #openContext(): Promise<BrowserContext> {
    const {
      args = [],
      viewport = { width: 1280, height: 800 },
      colorScheme,
      ignoreHTTPSErrors,
      hasTouch
    } = this.#options;
    const common = {
      viewport,
      locale: 'en-GB',
      timezoneId: 'Europe/Oslo',
      serviceWorkers: this.hasWorker ? ('allow' as const) : ('block' as const),
      ...(colorScheme && { colorScheme }),
      ...(ignoreHTTPSErrors !== undefined && { ignoreHTTPSErrors }),
      ...(hasTouch !== undefined && { hasTouch })
    };
    if (this.#profileDir === null) return (await sharedChromium()).newContext(common);
    if (this.browserName === 'chromium') {
      const all = [...chromiumLaunch.args, ...args];
      return chromium.launchPersistentContext(this.#profileDir, { ...chromiumLaunch, ...common, args: all });
    }
    return firefox.launchPersistentContext(this.#profileDir, {
      ...firefoxLaunch,
      ...common,
      ...(hasTouch && { firefoxUserPrefs: FIREFOX_TOUCH }),
      channel: 'moz-firefox'
    });
  }

  /** Of the tabs of this device, which has a browser of its own. */
  get tabProcesses(): number[] {
    const folder = this.#profileDir;
    return folder === null ? [] : processesNaming(folder, '--type=renderer');
  }

  /** The battery is pulled: every process of the browser is killed at once. */
  async kill(): Promise<void> {
    const context = this.context;
    if (this.#profileDir === null) throw new Error('this device shares its browser: open it with `keeps`');
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
    if (this.#profileDir !== null) await rm(this.#profileDir, { recursive: true, force: true, maxRetries: 5 });
  }
}

let shared: Promise<Browser> | null = null;

/** Started by the first device of a test process, ended by Playwright with it. */
function sharedChromium(): Promise<Browser> {
  if (shared) return shared;
  shared = chromium.launch(chromiumShellLaunch);
  // One that has crashed must not fail the next test, too.
  const forget = () => (shared = null);
  shared.then((browser) => browser.once('disconnected', forget), forget);
  return shared;
}

/** Processes whose command line names a folder that only this device has, and more if that is asked for. */
function processesNaming(folder: string, more = ''): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return line.includes(folder) && line.includes(more);
      } catch {
        return false;
      }
    });
}
