// A device with WebKit: MiniBrowser of WebKitGTK, driven by its own WebDriver. Its sessions are ephemeral: what it
// keeps is gone when it is closed.

import { spawn, type ChildProcess } from 'node:child_process';
import { globSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Builder, By, Capabilities, until, type WebDriver, type WebElement } from 'selenium-webdriver';
import { freePort } from '../process/roost-process.ts';

const PATIENCE_MS = 30_000;

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
    const element = await this.driver.wait(until.elementLocated(by), PATIENCE_MS, `nothing is ${by.toString()}`);
    await this.driver.wait(until.elementIsVisible(element), PATIENCE_MS, `cannot be seen: ${by.toString()}`);
    return element;
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

  async send(text: string): Promise<void> {
    await (await this.find(By.css('textarea[aria-label^="Write to "]'))).sendKeys(text);
    await (await this.button('Send')).click();
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
