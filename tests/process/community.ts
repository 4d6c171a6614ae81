// People and rooms on a running server, made in the ways that are open to all: accounts over HTTP, entries over the
// socket. What `write` and its kin resolve with has arrived.

import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { DeviceInfo } from '#protocol/api/device.ts';
import type { Invitation, InvitationAccepted } from '#protocol/api/invitation.ts';
import type { Me } from '#protocol/api/session.ts';
import type { RoomKind } from '#protocol/entry-fields.ts';
import type { Entry } from '#protocol/entry.ts';
import { newEntryId, newRoomId } from '#protocol/ids.ts';
import { signedBytes } from '#protocol/signing.ts';
import { Bot } from './bot.ts';
import type { RoostProcess } from './roost-process.ts';

export const PASSWORD = 'correct horse battery';

export interface Inhabitant {
  readonly id: string;
  readonly name: string;
  readonly token: string;
}

export interface Writing {
  /** Id of the message that this answers. */
  readonly replyTo?: string;
  /** Epoch ms; by default now. */
  readonly sentAt?: number;
  readonly action?: true;
  /** Id of the message whose thread it stands in. */
  readonly thread?: string;
  /** Ids of whom it mentions. */
  readonly mentions?: readonly string[];
}

interface DeviceKey {
  readonly id: string;
  readonly secret: KeyObject;
}

type Payload = Readonly<Record<string, unknown>> & { readonly type: string };

export class Community {
  readonly #roost: RoostProcess;
  readonly #now: () => number;
  readonly #voices = new Map<string, Bot>();
  readonly #keys: Map<string, DeviceKey> | null;
  #setUp = false;

  /**
   * @param now the server's clock, where a test has set it
   * @param signing whether each has a device key, as people have; else they pass for bots
   */
  constructor(roost: RoostProcess, now: () => number = Date.now, { signing = false } = {}) {
    this.#roost = roost;
    this.#now = now;
    this.#keys = signing ? new Map() : null;
  }

  /** Signs somebody up; the first one by the set-up link, so they administer the server. */
  async person(name: string): Promise<Inhabitant> {
    const { url, setupLink } = this.#roost;
    const first = !this.#setUp;
    const token = new URL(setupLink).hash.slice(1);
    const response = await fetch(`${url}${first ? '/api/setup' : '/api/accounts'}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify({ name, password: PASSWORD, ...(first ? { token } : {}) })
    });
    if (!response.ok) throw new Error(`${name} could not sign up: ${response.status} ${await response.text()}`);
    this.#setUp = true;
    const { id } = (await response.json()) as Me;
    const printed = await this.#roost.roost(['token', name]);
    if (printed.code !== 0) throw new Error(`no token for ${name}: ${printed.stderr}`);
    const person: Inhabitant = { id, name, token: printed.stdout.trim() };
    this.#keys?.set(id, await this.#deviceOf(person));
    return person;
  }

  /** @returns the new room's id */
  async room(owner: Inhabitant, name: string, kind: RoomKind, members: readonly Inhabitant[] = []): Promise<string> {
    const room = newRoomId();
    await this.#append(owner, room, { type: 'room', action: 'created', name, kind });
    for (const member of members) {
      if (kind === 'public') await this.join(member, room);
      else await this.invite(owner, room, member);
    }
    return room;
  }

  /** Makes an invitation link, and uses it. */
  async invite(host: Inhabitant, room: string, guest: Inhabitant): Promise<void> {
    const { secret } = await this.#post<Invitation>(host, `/api/rooms/${room}/invitations`, {});
    await this.#post<InvitationAccepted>(guest, '/api/invitations/accept', { secret });
  }

  async join(person: Inhabitant, room: string): Promise<void> {
    await this.#append(person, room, { type: 'membership', action: 'joined' });
  }

  async remove(host: Inhabitant, room: string, guest: Inhabitant): Promise<void> {
    await this.#append(host, room, { type: 'membership', action: 'removed', user: guest.id });
  }

  async setTopic(person: Inhabitant, room: string, topic: string): Promise<void> {
    await this.#append(person, room, { type: 'room', action: 'topic', topic });
  }

  async rename(person: Inhabitant, room: string, name: string): Promise<void> {
    await this.#append(person, room, { type: 'room', action: 'renamed', name });
  }

  /** @returns the message's id */
  async write(person: Inhabitant, room: string, body: string, writing: Writing = {}): Promise<string> {
    return this.#append(person, room, { type: 'message', body, ...writing });
  }

  /** How a person is seen in a room from now on. */
  async show(person: Inhabitant, room: string, presence: 'here' | 'away' | 'typing'): Promise<void> {
    const voice = await this.#inRoom(person, room);
    voice.show(presence === 'typing' ? { status: 'here', typing: true } : { status: presence });
  }

  /** Imports a file of history through the command line. @returns what it printed last */
  async importFile(file: string, roomName: string): Promise<string> {
    const { code, stdout, stderr } = await this.#roost.roost(['import', file, '--room', roomName]);
    if (code !== 0) throw new Error(`the import failed: ${stderr}`);
    return stdout.trim().split('\n').at(-1)!;
  }

  [Symbol.dispose](): void {
    for (const voice of this.#voices.values()) voice.stop();
    this.#voices.clear();
  }

  async #post<Answer>(person: Inhabitant, path: string, body: object): Promise<Answer> {
    const response = await fetch(`${this.#roost.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${person.token}` },
      body: JSON.stringify(body)
    });
    if (!response.ok) throw new Error(`${person.name}: POST ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  async #append(person: Inhabitant, room: string, payload: Payload): Promise<string> {
    const voice = await this.#inRoom(person, room);
    const sentAt = this.#now();
    const entry = { id: newEntryId(sentAt), author: person.id, sentAt, ...payload } as Entry;
    const id = voice.append(this.#signed(person, room, entry));
    await voice.until(() => !voice.pending.has(id) || voice.refusedToServe);
    if (voice.pending.has(id)) throw new Error(`${person.name} may not write this: closed with ${voice.lastClose}`);
    return id;
  }

  async #deviceOf(person: Inhabitant): Promise<DeviceKey> {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const { id } = await this.#post<DeviceInfo>(person, '/api/devices', {
      publicKey: publicKey.export({ format: 'jwk' }).x
    });
    return { id, secret: privateKey };
  }

  #signed(person: Inhabitant, room: string, entry: Entry): Entry {
    const key = this.#keys?.get(person.id);
    if (!key) return entry;
    const dated = { ...entry, device: key.id } as Entry;
    return { ...dated, signature: sign(null, signedBytes(room, dated), key.secret).toString('base64url') };
  }

  /** The person's line to the room, in step. */
  async #inRoom(person: Inhabitant, room: string): Promise<Bot> {
    const voice = this.#voice(person, room);
    // A bot that comes to a sealed page goes on to the head, and is out of step on the way.
    while (!voice.synced && !voice.refusedToServe) await voice.until(() => voice.synced || voice.refusedToServe);
    if (!voice.synced) throw new Error(`${person.name} may not enter: closed with ${voice.lastClose}`);
    return voice;
  }

  #voice(person: Inhabitant, room: string): Bot {
    const key = `${person.id} ${room}`;
    let voice = this.#voices.get(key);
    if (!voice) {
      const url = () => this.#roost.url.replace('http', 'ws');
      voice = new Bot({ url, token: person.token, user: person.id, room });
      this.#voices.set(key, voice);
    }
    return voice;
  }
}
