// What a composer is made with, of a room or of a thread in one: its files and the preview of its link.
// Invariant: of all composers, files come unasked two at a time, and a picture that two of them show has one address.

import type { Environment } from '../environment.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { Session } from '../session/session.svelte.ts';
import { measureRoom } from '../storage/full-words.ts';
import { hasLine } from './connection-view.ts';
import type { Connection } from './connection.svelte.ts';
import type { FileAddresses } from './file-addresses.ts';
import { LinkPreviewing } from './link-previewing.svelte.ts';
import type { Preferences } from './preferences.svelte.ts';
import { FilesOfRoom } from './room-files.svelte.ts';
import { Turns } from './turns.ts';

export interface ComposerPartsOptions {
  readonly environment: Environment;
  readonly api: ApiClient;
  readonly session: Session;
  readonly connection: Connection;
  readonly preferences: Preferences;
  readonly addresses: FileAddresses;
}

export class ComposerParts {
  readonly #options: ComposerPartsOptions;
  readonly #turns = new Turns(2);

  constructor(options: ComposerPartsOptions) {
    this.#options = options;
  }

  /** @param of the composer, as of drafts: the room's, or that of a thread in it */
  files(room: string, of: string): FilesOfRoom {
    const { environment, api, addresses } = this.#options;
    return new FilesOfRoom({
      ...{ room, of, now: () => environment.now() },
      prepare: async (file, recorded, full) => {
        const { prepareFile } = await import('../files/prepare-file.ts');
        return prepareFile(file, environment.subtle, recorded, undefined, full);
      },
      ...{ addresses, turns: this.#turns },
      allowance: () => api.get('/api/uploads'),
      askBeforeLeaving: environment.askBeforeLeaving,
      measureRoom: measureRoom(environment.storage)
    });
  }

  preview(of: string): LinkPreviewing {
    const { api, connection, environment, preferences, session } = this.#options;
    return new LinkPreviewing({
      of,
      on: () => preferences.linkPreviews && session.server?.previews !== false,
      connected: () => hasLine(connection),
      ask: (url) => api.post('/api/previews', { url }),
      async makeSmall(picture) {
        const { smallPicture } = await import('../files/small-picture.ts');
        return smallPicture(picture);
      },
      isOwn: (url) =>
        [environment.origin, session.server?.url].some(
          (own) => own !== undefined && own !== null && `${url}/`.startsWith(`${own}/`)
        )
    });
  }
}
