import { expect, onTestFinished, test } from 'vitest';
import { hasLine } from './connection-view.ts';
import { Connection } from './connection.svelte.ts';

test('[DOWNLOAD-2] while other rooms are synced there is a line: nothing waits for the next one', () => {
  const connection = new Connection(true);
  onTestFinished(() => connection.rest());
  connection.expectLine();
  expect(hasLine(connection)).toBe(false);
  connection.lineUp();
  connection.setBusy(true);
  expect([connection.status, hasLine(connection)]).toEqual(['syncing', true]);
  connection.setBusy(false);
  expect(hasLine(connection)).toBe(true);
  connection.lineDown();
  expect(hasLine(connection)).toBe(false);
});
