// Whether Roost can be had as an app of its own here, and the one offer of it, after the first message.
// Invariant: the browser asks the person on a tap alone, and who has said no is not asked again on this device.

import type { Result } from '../model/result.ts';
import type { InstallModel, InstallStatus } from '../model/install-model.ts';
import { m } from '../words/generated/messages.js';
import type { InstallBrowser } from './install-browser.ts';

/** What is kept on this device. */
export interface InstallMemory {
  readonly wasOffered: () => Promise<boolean>;
  readonly noteOffered: () => void;
}

/** Where nothing is installed. */
const NOWHERE: InstallBrowser = {
  secure: true,
  isInstalled: () => false,
  byHand: 'none',
  prompt: () => null,
  onChange: () => () => undefined
};

export class Install implements InstallModel {
  readonly #browser: InstallBrowser;
  readonly #memory: InstallMemory;
  readonly #stop: () => void;
  #status: InstallStatus = $state('none');
  #offered = $state(false);

  constructor(browser: InstallBrowser | null, memory: InstallMemory) {
    this.#browser = browser ?? NOWHERE;
    this.#memory = memory;
    this.#status = this.#look();
    this.#stop = this.#browser.onChange(() => (this.#status = this.#look()));
  }

  get status() {
    return this.#status;
  }
  get offered() {
    return this.#offered && INSTALLABLE.has(this.#status);
  }

  /** A message was sent: now one knows what one would install. Never rejects. */
  async sent(): Promise<void> {
    try {
      if (this.#offered || (await this.#memory.wasOffered())) return;
      this.#offered = true;
    } catch {
      // A device that cannot tell whether it was offered is not asked again and again.
    }
  }

  dismissOffer(): void {
    this.#offered = false;
    this.#memory.noteOffered();
  }

  async install(): Promise<Result<void>> {
    const prompt = this.#browser.prompt();
    if (!prompt) return { ok: false, code: 'failed', message: m.install_failed() };
    this.dismissOffer();
    // The browser lets each of its offers be used once, and makes another when it sees fit.
    try {
      const { outcome } = await prompt.prompt();
      this.#status = outcome === 'accepted' ? 'installed' : 'none';
      return { ok: true, value: undefined };
    } catch {
      this.#status = this.#browser.byHand;
      return { ok: false, code: 'failed', message: m.install_failed() };
    }
  }

  dispose(): void {
    this.#stop();
  }

  #look(): InstallStatus {
    const { secure, isInstalled, byHand, prompt } = this.#browser;
    if (isInstalled()) return 'installed';
    if (!secure) return 'insecure';
    return prompt() ? 'ready' : byHand;
  }
}

const INSTALLABLE: ReadonlySet<InstallStatus> = new Set(['ready', 'home-screen', 'menu', 'dock']);
