// Reads a room's whole history back from a running server, as any client can: sealed pages over HTTP, the head
// over the socket.

import type { RoomInfo } from '#protocol/api/room.ts';
import type { SealedPage } from '#protocol/api/sealed-page.ts';
import type { Entry } from '#protocol/entry.ts';
import { Bot, type BotOptions } from './bot.ts';

export interface HistoryLine {
  readonly id: string;
  readonly n: number;
  readonly page: number;
  /** null: it was erased. */
  readonly entry: Entry | null;
}

/** All arrived entries in order. @param origin `http://localhost:3000` */
export async function readHistory(origin: string, options: Omit<BotOptions, 'url' | 'page'>): Promise<HistoryLine[]> {
  const get = async <Body>(path: string): Promise<Body> => {
    const response = await fetch(`${origin}${path}`, { headers: { authorization: `Bearer ${options.token}` } });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Body;
  };
  const { head } = await get<RoomInfo>(`/api/rooms/${options.room}`);
  const lines: HistoryLine[] = [];
  for (let page = 0; page < head; page++) {
    const sealed = await get<SealedPage>(`/api/rooms/${options.room}/pages/${page}`);
    for (const { entry, n } of sealed.entries) lines.push({ id: entry.id, n, page, entry });
  }
  using bot = new Bot({ ...options, url: () => origin.replace('http', 'ws'), page: head });
  await bot.until(() => bot.synced);
  const there = new Map((bot.elements as (Entry | null)[]).map((entry) => [entry?.id, entry]));
  return [...lines, ...bot.seen.map((arrived) => ({ ...arrived, entry: there.get(arrived.id) ?? null }))];
}
