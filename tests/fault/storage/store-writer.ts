// The process that the storage fault tests kill, starve and cut off: appends to a few rooms as fast as it can and
// says on standard output what the store told it. Run: node store-writer.ts DATA_DIR MARK [no-sync]
//
//   ready                       the store is open
//   ack ROOM POSITION           appended, with the text ROOM:POSITION:MARK
//   rejected CODE               an append was
//   failed CODE / reopened      as the store's listeners heard
//   cannot-open CODE MESSAGE    and exit status 1

import { writeSync } from 'node:fs';
import { StoreError } from '../../../sync-server/store/key-value.ts';
import { Store } from '../../../sync-server/store/store.ts';
import { recordOf, ROOMS } from './writer-records.ts';

const [dataDir, mark, noSync] = process.argv.slice(2) as [string, string, string?];

function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, `${line}\n`);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

async function writeOn(store: Store, room: string): Promise<never> {
  for (;;) {
    try {
      for (let position = await store.log.position(room); ; position++) {
        const { record, projection } = recordOf(room, position, mark);
        await store.log.append({ room, expected: position, record, operations: [projection] });
        say(`ack ${room} ${position}`);
      }
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      say(`rejected ${error.code}`);
      while (!store.healthy()) await new Promise<void>((resolve) => store.onReopened(resolve));
    }
  }
}

try {
  const store = await Store.open({ dataDir, sync: noSync !== 'no-sync' });
  store.onFailure(({ code }) => say(`failed ${code}`));
  store.onReopened(() => say('reopened'));
  say('ready');
  // The pauses of the store hold up no exit; this process ends when it is killed.
  setInterval(() => undefined, 60_000);
  await Promise.all(ROOMS.map((room) => writeOn(store, room)));
} catch (error) {
  if (!(error instanceof StoreError)) throw error;
  say(`cannot-open ${error.code} ${error.message}`);
  process.exitCode = 1;
}
