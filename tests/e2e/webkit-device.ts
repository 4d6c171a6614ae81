// A device with WebKit: MiniBrowser of WebKitGTK, driven by its own WebDriver. Its sessions are ephemeral: what it
// keeps is gone when it is closed.

import { spawn, type ChildProcess } from 'node:child_process';
import { globSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Builder, By, Capabilities, error, type WebDriver, type WebElement } from 'selenium-webdriver';
import { freePort } from '../process/roost-process.ts';

const PATIENCE_MS = 30_000;

/** Given a text; says whether a record of a page's document holds it. */
const IS_IN_PAGE_ON_DISK = `
  const [text, done] = arguments;
  const settled = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  (async () => {
    for (const { name } of await indexedDB.databases()) {
      if (!name.includes('-page-')) continue;
      const db = await settled(indexedDB.open(name));
      const updates = await settled(db.transaction('updates').objectStore('updates').getAll());
      db.close();
      if (updates.some((update) => new TextDecoder().decode(update).includes(text))) return true;
    }
    return false;
  })().then(done, () => done(false));
`;

const falseIfStale = (failure: unknown): false => {
  if (failure instanceof error.StaleElementReferenceError) return false;
  throw failure;
};

export class WebKitDevice {
  readonly driver: WebDriver;
  readonly #service: ChildProcess;

  private constructor(driver: WebDriver, service: ChildProcess) {
    this.driver = driver;
    this.#service = service;
  }

  static async open(): Promise<WebKitDevice> {
    const [binary] = globSync('/usr/lib/*/webkit2gtk-4.1/MiniBrowser');
    if (!binary) throw new Error('WebKit tests need MiniBrowser (on Debian: apt-get install webkit2gtk-driver)');
    const port = await freePort();
    const service = spawn('/usr/bin/WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], { stdio: 'ignore' });
    const capabilities = new Capabilities({
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary, args: ['--automation'] }
    });
    try {
      await untilItAnswers(`http://127.0.0.1:${port}`);
      const driver = await new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities).build();
      return new WebKitDevice(driver, service);
    } catch (error) {
      service.kill();
      throw error;
    }
  }

  /** The element, once it is there and can be seen. */
  async find(by: By): Promise<WebElement> {
    const seen = async (): Promise<WebElement | null> => {
      for (const element of await this.driver.findElements(by))
        // Drawn anew between the two, it is looked for again.
        if (await element.isDisplayed().catch(falseIfStale)) return element;
      return null;
    };
    return (await this.driver.wait(seen, PATIENCE_MS, `cannot be seen: ${by.toString()}`))!;
  }

  button(name: string): Promise<WebElement> {
    return this.find(By.xpath(`//button[normalize-space()='${name}' or @aria-label='${name}']`));
  }

  /** Waits until the message with this very text is shown. */
  message(text: string): Promise<WebElement> {
    return this.find(By.xpath(`//article[.//bdi[normalize-space()='${text}']]`));
  }

  /** Waits until a message of one's own is said to be in a state. */
  async messageState(text: string, words: string): Promise<void> {
    await this.find(By.xpath(`//article[.//bdi[normalize-space()='${text}'] and contains(., '${words}')]`));
  }

  async signIn(origin: string, name: string, password: string): Promise<void> {
    await this.driver.get(`${origin}/signin`);
    await (await this.find(By.name('username'))).sendKeys(name);
    await (await this.find(By.name('password'))).sendKeys(password);
    await (await this.button('Sign in')).click();
    await this.find(By.css('nav[aria-label="Rooms"]'));
  }

  /** Only once one can write. */
  async send(text: string): Promise<void> {
    await (await this.find(By.css('textarea[aria-label^="Write to "]:enabled'))).sendKeys(text);
    await (await this.button('Send')).click();
  }

  /** Waits until the document of some room's page has the text on the disk: it shows, and counts as sent, before. */
  async untilInPageOnDisk(text: string): Promise<void> {
    const isThere = () => this.driver.executeAsyncScript<boolean>(IS_IN_PAGE_ON_DISK, text);
    await this.driver.wait(isThere, PATIENCE_MS, `not on the disk: ${text}`);
  }

  /** From then on the app starts without a network. */
  async untilControlled(): Promise<void> {
    const isControlled = "return navigator.serviceWorker?.controller?.state === 'activated'";
    await this.driver.wait(() => this.driver.executeScript<boolean>(isControlled), PATIENCE_MS, 'no worker took over');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.driver.quit().catch(() => undefined);
    this.#service.kill();
  }
}

/** The service listens some moments after its process has started. */
async function untilItAnswers(address: string): Promise<void> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const answered = await fetch(`${address}/status`).then(
      () => true,
      () => false
    );
    if (answered) return;
    if (Date.now() > deadlineMs) throw new Error(`WebKitWebDriver does not answer at ${address}`);
    await pause(50);
  }
}
