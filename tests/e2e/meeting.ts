// Two people in one room on two devices: Ann straight at the server, Bo over a line that tests cut. What most tests
// of lost networks start from; all of it is closed again when the test ends.

import { expect } from '@playwright/test';
import type { Me } from '#protocol/api.ts';
import { CuttableLine } from '../process/cuttable-line.ts';
import { readHistory } from '../process/room-history.ts';
import { freePort, RoostProcess, type RoostOptions } from '../process/roost-process.ts';
import { Device, type BrowserName } from './device.ts';
import { composer, createRoom, invitationLink, setUp, signUpByInvitation, untilControlled } from './person.ts';

export const ROOM_NAME = 'Harbour crew';

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

  /** Both have the room open, Bo's app is kept by his browser's worker. Ann owns the room. */
  static async open(browserName: string, options: Omit<RoostOptions, 'port'> = {}): Promise<Meeting> {
    await using opened = new AsyncDisposableStack();
    const port = await freePort();
    const line = opened.use(await CuttableLine.open(() => port));
    const roost = opened.use(
      await RoostProcess.start({ ...options, port, env: { ...options.env, ROOST_URL: line.url } })
    );
    const [ann, bo] = await Promise.all([openDevice(browserName), openDevice(browserName, true)]);
    opened.use(ann);
    opened.use(bo);
    await setUp(ann.page, atServer(roost, roost.setupLink), 'Ann');
    const room = new URL(await createRoom(ann.page, ROOM_NAME)).pathname.split('/').at(-1)!;
    await signUpByInvitation(bo.page, await invitationLink(ann.page), 'Bo');
    await untilControlled(bo.page);
    opened.move();
    return new Meeting(roost, line, ann, bo, room);
  }

  /** Another browser that Bo signs in with, straight at the server. */
  openDevice(): Promise<Device> {
    return openDevice(this.ann.browserName);
  }

  /** Cuts the line and waits until Bo's screen says so. */
  async cut(): Promise<void> {
    this.line.cut();
    await expect(this.bo.page.getByText('Offline: messages are kept and will be sent')).toBeVisible();
  }

  /** The network is back, and Bo's device says so to its pages. */
  async restore(): Promise<void> {
    this.line.restore();
    for (const page of this.bo.context.pages()) await page.evaluate(() => dispatchEvent(new Event('online')));
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

/** A tall window: more of a conversation is drawn at once. */
const openDevice = (browserName: string, keeps = false): Promise<Device> =>
  Device.open(browserName as BrowserName, { keeps, viewport: { width: 1280, height: 1600 } });

/** The same address at the server itself rather than over the line. */
export function atServer(roost: RoostProcess, address: string): string {
  const url = new URL(address);
  return `${roost.url}${url.pathname}${url.search}${url.hash}`;
}

/** Waits until the composer can be written in. */
export async function untilOpen(device: Device): Promise<void> {
  await expect(composer(device.page)).toBeEnabled();
}
