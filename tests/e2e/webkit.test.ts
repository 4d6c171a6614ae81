import { expect, test } from 'vitest';
import { Bot } from '../process/bot.ts';
import { makeAccount } from '../process/account.ts';
import { RoostProcess } from '../process/roost-process.ts';
import { WebKitDevice } from './webkit-device.ts';

test('[WEBKIT-1] WebKit: sign in, chat both ways, then a deep link with the server dead shows the history and keeps what is written', async () => {
  await using roost = await RoostProcess.start();
  const { user, token, room } = await makeAccount(roost);
  const other = await roost.roost(['user', 'add', 'bo'], 'correct horse battery\n');
  expect(other.code, other.stderr).toBe(0);
  using ann = new Bot({ url: () => roost.url.replace('http', 'ws'), token, user, room });
  await using device = await WebKitDevice.open();
  await device.signIn(roost.url, 'bo', 'correct horse battery');

  const deepLink = `${roost.url}/room/${room}`;
  await device.driver.get(deepLink);
  ann.say('Hello from Ann');
  await device.message('Hello from Ann');
  await device.send('Hello from Bo');
  await device.messageState('Hello from Bo', 'on the server');
  await ann.until(() => ann.seen.length >= 3);

  await device.untilControlled();
  for (const text of ['Hello from Ann', 'Hello from Bo']) await device.untilInPageOnDisk(text);
  await roost.kill('SIGKILL');
  await device.driver.get('about:blank');
  await device.driver.get(deepLink);
  await device.message('Hello from Ann');
  await device.message('Hello from Bo');
  await device.send('Written in the dark');
  await device.messageState('Written in the dark', 'kept on this device');

  await roost.start();
  await device.messageState('Written in the dark', 'on the server');
});
