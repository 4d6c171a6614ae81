// What other tabs of this person in this browser say, brought to whom it concerns. Invariant: each is a hint, and what it
// is about is read from the disk, or asked of the server.

import type { ComposedFiles } from './composed-files.ts';
import type { Drafts } from './drafts.ts';
import type { MuxSocket } from './mux-socket.ts';
import type { Outbox } from './outbox.ts';
import type { RoomList } from './room-list.ts';
import type { ScheduledMessages } from './scheduled-messages.ts';
import type { SyncEvents } from './sync-events.ts';
import type { TabMessage } from './tab-channel.ts';
import type { Uploads } from './uploads.ts';

export interface TabMessagesParts {
  readonly outbox: Outbox;
  readonly list: RoomList;
  readonly drafts: Drafts;
  readonly scheduled: ScheduledMessages;
  readonly uploads: Uploads;
  readonly composedFiles: ComposedFiles;
  readonly mux: Pick<MuxSocket, 'up' | 'wake'>;
  readonly events: Pick<SyncEvents, 'draftElsewhere' | 'toldElsewhere' | 'threadsElsewhere' | 'sessionElsewhere'>;
}

export class TabMessages {
  readonly #parts: TabMessagesParts;

  constructor(parts: TabMessagesParts) {
    this.#parts = parts;
  }

  take(message: TabMessage): void {
    switch (message.type) {
      case 'outbox':
        void this.#parts.outbox.reload(message.room);
        return;
      case 'room':
        void this.#parts.list.reload(message.room);
        return;
      case 'draft':
        if (this.#parts.drafts.heard(message.room, message.text, message.was))
          this.#parts.events.draftElsewhere(message.room, message.text);
        return;
      case 'read':
        void this.#parts.list.markRead(message.room, message.n);
        return;
      case 'told':
        this.#parts.events.toldElsewhere(message.of, message.place);
        return;
      case 'line':
        if (!this.#parts.mux.up) this.#parts.mux.wake();
        return;
      case 'threads':
        this.#parts.events.threadsElsewhere(message.room);
        return;
      case 'scheduled':
        void this.#parts.scheduled.reload();
        return;
      case 'session':
        this.#parts.events.sessionElsewhere();
        return;
      case 'upload-sent':
      case 'upload-done':
      case 'upload-paused':
        this.#parts.uploads.heard(message);
        return;
      case 'files':
        this.#parts.composedFiles.heard(message);
        return;
      case 'rebuilt':
      case 'who':
      case 'here':
    }
  }
}
