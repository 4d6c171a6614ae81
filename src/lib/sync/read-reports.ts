// How far the person has read each room, told to the server now or when there is a line, and to other tabs.

import type { MuxSocket } from './mux-socket.ts';
import type { OwnPreferences } from './own-preferences.ts';
import type { RoomList } from './room-list.ts';
import type { TabChannel } from './tab-channel.ts';

export interface ReadReportsOptions {
  readonly list: RoomList;
  readonly mux: Pick<MuxSocket, 'sendControl'>;
  readonly tabs: Pick<TabChannel, 'post'>;
  readonly preferences: OwnPreferences;
}

export class ReadReports {
  readonly #options: ReadReportsOptions;

  constructor(options: ReadReportsOptions) {
    this.#options = options;
  }

  /** The person has read the room up to n. */
  async read(room: string, n: number): Promise<void> {
    if (!(await this.#options.list.markRead(room, n))) return;
    this.#tell(room, n);
    this.#options.tabs.post({ type: 'read', room, n });
  }

  lineUp(): void {
    for (const { room, n } of this.#options.list.untold()) this.#tell(room, n);
  }

  #tell(room: string, n: number): void {
    const { mux, preferences } = this.#options;
    // The server knows of a choice only once that has been synced, which may be later than this.
    mux.sendControl({ type: 'read', room, n, ...(!preferences.privacy.readReceipts && { quiet: true }) });
  }
}
