// Drafts over a restart of what writes them.

import type { DraftStore } from '../room-draft.svelte.ts';

/** Stands for the device's disk. */
export class KeptDrafts implements DraftStore {
  readonly texts = new Map<string, string>();
  draft(of: string): string {
    return this.texts.get(of) ?? '';
  }
  async setDraft(of: string, text: string): Promise<void> {
    if (text === '') this.texts.delete(of);
    else this.texts.set(of, text);
  }
}
