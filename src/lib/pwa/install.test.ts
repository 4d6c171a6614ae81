import { expect, test } from 'vitest';
import type { InstallBrowser } from './install-browser.ts';
import { Install } from './install.svelte.ts';

/** A browser, and what this device remembers. */
class World implements InstallBrowser {
  secure = true;
  installed = false;
  byHand: InstallBrowser['byHand'] = 'none';
  prompts = false;
  outcome: 'accepted' | 'dismissed' = 'accepted';
  offered = false;
  asked = 0;
  readonly #listeners = new Set<() => void>();

  readonly isInstalled = () => this.installed;
  readonly prompt = () =>
    this.prompts
      ? {
          prompt: async () => {
            this.asked += 1;
            this.prompts = false;
            return { outcome: this.outcome };
          }
        }
      : null;
  readonly onChange = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  tell(change: Partial<World>): void {
    Object.assign(this, change);
    for (const listener of this.#listeners) listener();
  }

  install(): Install {
    return new Install(this, { wasOffered: async () => this.offered, noteOffered: () => (this.offered = true) });
  }
}

test.for<[status: string, given: Partial<World>]>([
  ['installed', { installed: true, prompts: true }],
  ['ready', { prompts: true, byHand: 'dock' }],
  ['home-screen', { byHand: 'home-screen' }],
  ['menu', { byHand: 'menu' }],
  ['dock', { byHand: 'dock' }],
  ['insecure', { secure: false, byHand: 'home-screen' }],
  ['none', {}]
])('[PWA-6] the way to install is said: %s, with %j', ([status, given]) => {
  expect(Object.assign(new World(), given).install().status).toBe(status);
});

test('[PWA-6] it is offered once, after the first message, also where the browser comes late', async () => {
  const world = new World();
  const install = world.install();
  await install.sent();
  expect(install.offered).toBe(false);
  world.tell({ prompts: true });
  expect([install.status, install.offered]).toEqual(['ready', true]);
  install.dismissOffer();
  await install.sent();
  expect(install.offered).toBe(false);
  const later = world.install();
  await later.sent();
  expect(later.offered).toBe(false);
  later.dispose();
  world.tell({ installed: true });
  expect(later.status).toBe('ready');
});

test.for([
  ['accepted', 'installed'],
  ['dismissed', 'none']
] as const)('[PWA-6] the browser is asked once at a tap, and %s leaves it %s', async ([outcome, status]) => {
  const world = Object.assign(new World(), { prompts: true, outcome });
  const install = world.install();
  await install.sent();
  expect(await install.install()).toMatchObject({ ok: true });
  expect([install.status, install.offered, world.asked]).toEqual([status, false, 1]);
  expect(await install.install()).toMatchObject({ ok: false });
});

test('[PWA-6] an offer of the browser that fails is said to have', async () => {
  const world = new World();
  const prompt = () => ({ prompt: () => Promise.reject(new DOMException('no', 'InvalidStateError')) });
  const install = new Install(
    { ...world, isInstalled: () => false, onChange: world.onChange, prompt },
    {
      wasOffered: async () => false,
      noteOffered: () => undefined
    }
  );
  expect(await install.install()).toMatchObject({ ok: false });
  expect(install.status).toBe('none');
});
