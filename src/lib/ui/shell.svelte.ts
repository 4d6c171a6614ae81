// What the screens share that is not data: the toasts, the dialog that is open, whether the details column
// shows, invitations already made in this session. Lives as long as the page.

import { createContext } from 'svelte';
import type { Attachment } from 'svelte/attachments';
import { MediaQuery, SvelteMap } from 'svelte/reactivity';
import type { InvitationLink } from '../model/invitation-link.ts';
import type { RoomModel } from '../model/room-model.ts';
import { DateLabels } from './date-labels.ts';
import { MinuteClock } from './minute-clock.ts';
import { m } from '../words/generated/messages.js';

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'plain' | 'danger';
}

/** Long enough to read twice. */
const TOAST_MS = 5_000;

export class Shell {
  readonly clock = new MinuteClock();
  readonly dates = new DateLabels();
  /** Three columns fit. */
  readonly wide = new MediaQuery('(min-width: 1100px)', true);
  /** One column fits. */
  readonly narrow = new MediaQuery('(max-width: 719px)', false);
  /** Fingers: Enter breaks the line, long press opens the actions. */
  readonly touch = new MediaQuery('(pointer: coarse)', false);
  /** Nobody wants motion. */
  readonly still = new MediaQuery('(prefers-reduced-motion: reduce)', false);
  /** A screen of the app has been shown since the page was loaded. */
  launched = false;
  /** Where three columns fit, the last one can be closed. */
  detailsOpen = $state(true);
  dialog = $state<'none' | 'switcher' | 'keys'>('none');
  /** Whose profile is open, over what shows; with the room in which they were met, for what can be done there. */
  person = $state.raw<{ readonly id: string; readonly room: RoomModel | null } | null>(null);
  toasts = $state.raw<readonly Toast[]>([]);
  /** What toasts stay below, besides the bar of the screen, with its height in px. */
  readonly ceilings = new SvelteMap<Element, number>();
  readonly invitations = new SvelteMap<string, InvitationLink>();
  #lastToast = 0;

  showPerson(id: string, room: RoomModel | null = null): void {
    this.person = { id, room };
  }

  /** Toasts stay below this. */
  readonly ceiling: Attachment<HTMLElement> = (node) => {
    const watch = new ResizeObserver(() => this.ceilings.set(node, node.offsetHeight));
    watch.observe(node);
    return () => {
      watch.disconnect();
      this.ceilings.delete(node);
    };
  };

  toast(text: string, tone: Toast['tone'] = 'plain'): void {
    const toast = { id: ++this.#lastToast, text, tone };
    this.toasts = [...this.toasts.slice(-2), toast];
    setTimeout(() => this.dismiss(toast.id), TOAST_MS);
  }

  dismiss(id: number): void {
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
  }

  async copy(text: string, done: string): Promise<void> {
    if (await copyText(text)) this.toast(done);
    else this.toast(m.copy_refused(), 'danger');
  }
}

export const [getShell, setShell] = createContext<Shell>();

/** Copies without the clipboard API too: over plain http there is none. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.style.cssText = 'position:fixed;opacity:0';
    // Inside an open dialog, for everything outside it is inert.
    const host = document.querySelector('dialog[open]') ?? document.body;
    const focused = document.activeElement;
    host.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    if (focused instanceof HTMLElement) focused.focus();
    return done;
  }
}
