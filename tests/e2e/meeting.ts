// Two people in one room on two devices: Ann straight at the server, Bo over a line that tests cut. What most tests
// of lost networks start from; all of it is closed again when the test ends.

import { expect, type Page } from '@playwright/test';
import type { Me } from '#protocol/api/session.ts';
import { CuttableLine } from '../process/cuttable-line.ts';
import { readHistory } from '../process/room-history.ts';
import { freePort, RoostProcess, type RoostOptions } from '../process/roost-process.ts';
import { Device, type BrowserName, type DeviceOptions } from './device.ts';
import {
  composer,
  createRoom,
  invitationLink,
  PASSWORD,
  post,
  setUp,
  signUpByInvitation,
  untilAllThere,
  untilControlled
} from './person.ts';

const ROOM_NAME = 'Harbour crew';

export interface MeetingOptions extends Omit<RoostOptions, 'port'> {
  readonly ann?: DeviceOptions;
  readonly bo?: DeviceOptions;
  /** Signs up, and invites, on the screens for that. */
  readonly onScreen?: boolean;
}

export class Meeting {
  readonly roost: RoostProcess;
  readonly line: CuttableLine;
  readonly ann: Device;
  readonly bo: Device;
  /** Of the room that both are in. */
  readonly room: string;

  private constructor(roost: RoostProcess, line: CuttableLine, ann: Device, bo: Device, room: string) {
    this.roost = roost;
    this.line = line;
    this.ann = ann;
    this.bo = bo;
    this.room = room;
  }

  /** Both have the room open. Ann owns it. Where a device has a worker, that keeps the app already. */
  static async open(browserName: string, given: MeetingOptions = {}): Promise<Meeting> {
    const { ann: annsDevice, bo: bosDevice, onScreen = false, ...options } = given;
    await using opened = new AsyncDisposableStack();
    const port = await freePort();
    const line = opened.use(await CuttableLine.open(() => port));
    const roost = opened.use(
      await RoostProcess.start({ ...options, port, env: { ...options.env, ROOST_URL: line.url } })
    );
    const [ann, bo] = await Promise.all([openDevice(browserName, annsDevice), openDevice(browserName, bosDevice)]);
    opened.use(ann);
    opened.use(bo);
    const room = await (onScreen ? meetOnScreen : meet)(ann.page, bo.page, roost, line.url);
    for (const device of [ann, bo]) if (device.hasWorker) await untilControlled(device.page);
    opened.move();
    return new Meeting(roost, line, ann, bo, room);
  }

  /** Another browser that Bo signs in with, straight at the server. */
  openDevice(): Promise<Device> {
    return openDevice(this.ann.browserName);
  }

  /** Cuts the line once Bo's pages have all that opens without it, and waits until his screen says so. */
  async cut(): Promise<void> {
    await Promise.all(this.bo.context.pages().map(untilAllThere));
    this.line.cut();
    await expect(this.bo.page.getByText('Offline: messages are kept and will be sent')).toBeVisible();
  }

  /** The network is back, and Bo's device says so to its pages. */
  async restore(): Promise<void> {
    this.line.restore();
    for (const page of this.bo.context.pages()) await page.evaluate(() => dispatchEvent(new Event('online')));
  }

  /** Waits until the server has what is done, one entry. */
  async untilOnServer(done: () => Promise<void>): Promise<void> {
    const account = await this.account('Ann');
    const count = async (): Promise<number> =>
      (await readHistory(this.roost.url, { ...account, room: this.room })).length;
    const known = await count();
    await done();
    await expect.poll(count).toBe(known + 1);
  }

  /** Ids that the server has on its disk for the room, in order. */
  async historyIds(room = this.room): Promise<string[]> {
    return (await this.history(room)).map(({ id }) => id);
  }

  async history(room = this.room): Promise<{ id: string; n: number; page: number }[]> {
    return [...(await readHistory(this.roost.url, { ...(await this.account('Ann')), room }))];
  }

  /** A token and id, made with the command line. */
  async account(name: string): Promise<{ user: string; token: string }> {
    const { code, stdout, stderr } = await this.roost.roost(['token', name]);
    if (code !== 0) throw new Error(stderr);
    const token = stdout.trim();
    const response = await fetch(`${this.roost.url}/api/me`, { headers: { authorization: `Bearer ${token}` } });
    return { user: ((await response.json()) as Me).id, token };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.ann[Symbol.asyncDispose](), this.bo[Symbol.asyncDispose]()]);
    await this.roost.dispose();
    await this.line[Symbol.asyncDispose]();
  }
}

/** @returns the room's id */
async function meet(ann: Page, bo: Page, roost: RoostProcess, line: string): Promise<string> {
  const token = new URL(roost.setupLink).hash.slice(1);
  await post(ann, `${roost.url}/api/setup`, { name: 'Ann', password: PASSWORD, token });
  await ann.goto(roost.url);
  const room = idIn(await createRoom(ann, ROOM_NAME));
  // Shown once the room is on the server.
  const link = new URL(await invitationLink(ann));
  await post(bo, `${line}/api/accounts`, { name: 'Bo', password: PASSWORD });
  await post(bo, `${line}/api/invitations/accept`, { secret: link.hash.slice(1) });
  await bo.goto(`${line}/room/${room}`);
  await expect(composer(bo)).toBeEnabled();
  return room;
}

async function meetOnScreen(ann: Page, bo: Page, roost: RoostProcess): Promise<string> {
  await setUp(ann, atServer(roost, roost.setupLink), 'Ann');
  const room = idIn(await createRoom(ann, ROOM_NAME));
  await signUpByInvitation(bo, await invitationLink(ann), 'Bo');
  return room;
}

const idIn = (address: string): string => new URL(address).pathname.split('/').at(-1)!;

/** A tall window: more of a conversation is drawn at once. */
const openDevice = (browserName: string, options: DeviceOptions = {}): Promise<Device> =>
  Device.open(browserName as BrowserName, { viewport: { width: 1280, height: 1600 }, ...options });

/** The same address at the server itself rather than over the line. */
export function atServer(roost: RoostProcess, address: string): string {
  const url = new URL(address);
  return `${roost.url}${url.pathname}${url.search}${url.hash}`;
}

/** Waits until the composer can be written in. */
export async function untilOpen(device: Device): Promise<void> {
  await expect(composer(device.page)).toBeEnabled();
}
