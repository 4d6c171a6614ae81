// Files of what is to be sent later, from the composer to the others: the whole client and server.

import { expect, test } from 'vitest';
import { bodies, messages, until } from './client-fixture.ts';
import { seatsInRoom, takeSeat } from './seats.ts';

async function setup() {
  const { server, id, seats } = await seatsInRoom('ann', 'bo');
  const [anns, bos] = seats;
  return { server, ann: anns.account, anns, room: anns.room, others: bos.room, id };
}

const plan = (words: string) => new File([words], `${words}.txt`);

test('[SCHED-16] a message with files is scheduled without a network, goes up with the next line, and to the others with its files', async () => {
  const { server, ann, anns, room, others } = await setup();
  anns.device.unplug();
  expect(await room.files.add([plan('pier'), plan('tide')])).toEqual([]);
  expect(await room.schedule.add('', null, Date.now() + 86_400_000)).toMatchObject({ ok: true });
  expect(room.files.composed).toEqual([]);
  expect(room.schedule.items).toMatchObject([{ state: 'device', files: [{ name: 'pier.txt' }, { name: 'tide.txt' }] }]);
  anns.device.plugIn();
  await until(() => room.schedule.items[0]?.state === 'server');
  expect(await server.core.scheduled.of(ann.id)).toHaveLength(1);
  const { id } = room.schedule.items[0]!;
  expect(await room.schedule.sendNow(id)).toMatchObject({ ok: true });
  await until(() => messages(others).some((item) => item.attachments?.length === 2));
  await until(() => room.schedule.items.length === 0);
  const [sent] = messages(others);
  const view = others.files.open(sent!.id, sent!.attachments[1]!);
  await view.fetch();
  expect(view.status).toBe('here');
  view.close();
});

test('[SCHED-16] the server sends it with its files at its time, its author gone by then', async () => {
  const { server, anns, room, others } = await setup();
  await room.files.add([plan('pier')]);
  expect(await room.schedule.add('the plan', null, Date.now() + 3_600_000)).toMatchObject({ ok: true });
  await until(() => room.schedule.items[0]?.state === 'server');
  anns.device.unplug();
  await server.stop();
  server.clockAheadMs = 3_600_000;
  await server.start();
  await until(() => bodies(others).includes('the plan'));
  expect(messages(others).at(-1)?.attachments).toMatchObject([{ name: 'pier.txt' }]);
});

test('[SCHED-16] taken back its files stand in the composer, and go up with what is sent then; another device has them not', async () => {
  const { server, ann, room, others, id } = await setup();
  await room.files.add([plan('pier')]);
  expect(await room.schedule.add('later', null, Date.now() + 86_400_000)).toMatchObject({ ok: true });
  await until(() => room.schedule.items[0]?.state === 'server');
  const { app } = (await takeSeat(server, ann)).tab;
  const elsewhere = app.openRoom(id);
  await until(() => elsewhere.schedule.items.length === 1);
  const [item] = elsewhere.schedule.items;
  expect(await elsewhere.files.takeBack(item!.files)).toBe(false);
  expect(elsewhere.files.composed).toEqual([]);
  expect(await room.files.takeBack(room.schedule.items[0]!.files)).toBe(true);
  await room.schedule.remove(room.schedule.items[0]!.id);
  await until(() => elsewhere.schedule.items.length === 0);
  expect(await server.core.scheduled.of(ann.id)).toEqual([]);
  expect(room.files.composed).toMatchObject([{ name: 'pier.txt' }]);
  await room.send('now');
  await until(() => messages(others).some(({ body, attachments }) => body === 'now' && attachments?.length === 1));
});
