import { expect, onTestFinished, test } from 'vitest';
import { TabChannel } from './tab-channel.ts';

const environment = { openChannel: (name: string) => new BroadcastChannel(name), random: Math.random };

test('a tab tells the others, and after its end nobody, without a fault in what it still writes', async () => {
  const [one, other] = [new TabChannel(environment, 'tabs'), new TabChannel(environment, 'tabs')];
  onTestFinished(() => other.close());
  const heard: string[] = [];
  other.listen((message) => heard.push(message.type));
  one.post({ type: 'line' });
  await expect.poll(() => heard).toEqual(['line']);
  one.close();
  expect(() => one.post({ type: 'session' })).not.toThrow();
  expect(await other.alive()).toEqual(new Set([other.tab]));
  expect(heard).toEqual(['line']);
});
