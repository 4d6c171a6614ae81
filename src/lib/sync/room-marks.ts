// What this person thinks of rooms, out of their own document: favourites and their order, muted, archived, how loud,
// marked unread. Invariant: a mark shows at once, offline too, and is on all of the person's devices later.

import {
  KEYWORDS,
  QUIET_HOURS,
  readNotificationRules,
  tidyKeywords,
  type NotificationRules,
  type QuietHours
} from '#protocol/notification-rules.ts';
import {
  NOTIFICATION_LEVEL,
  readRoomMark,
  roomMarkKey,
  roomMarkOf,
  type NotificationLevel,
  type RoomMark,
  type RoomMarks as MarkValues
} from '#protocol/personal.ts';
import type { RoomSummary } from '#protocol/control.ts';
import type { PersonalReplica } from './personal-replica.ts';

/** What changes what one hears of everywhere. */
const RULES = [NOTIFICATION_LEVEL, KEYWORDS, QUIET_HOURS];
/** Two favourites nearer than this have no place between them that can be told from theirs for sure. */
const LEAST_GAP = 1e-6;

export type Marks = { readonly [Mark in RoomMark]: MarkValues[Mark] | null };

type Document = Pick<PersonalReplica, 'get' | 'set' | 'keys'>;

export class RoomMarks {
  readonly #personal: Document;
  /** Rooms whose marks may differ from before; null: all may. */
  readonly #changed: (rooms: readonly string[] | null) => void;

  constructor(personal: Document, changed: (rooms: readonly string[] | null) => void) {
    this.#personal = personal;
    this.#changed = changed;
  }

  of(room: string): Marks {
    return {
      favourite: this.get(room, 'favourite'),
      muted: this.get(room, 'muted'),
      archived: this.get(room, 'archived'),
      level: this.get(room, 'level'),
      unread: this.get(room, 'unread')
    };
  }

  get<Mark extends RoomMark>(room: string, mark: Mark): MarkValues[Mark] | null {
    return readRoomMark(mark, this.#personal.get('rooms', roomMarkKey(room, mark)));
  }

  /** @param value null: none. Resolves once it is on disk, or could not be put there. */
  async set<Mark extends RoomMark>(room: string, mark: Mark, value: MarkValues[Mark] | null): Promise<void> {
    if (value === null && this.get(room, mark) === null) return;
    await this.#personal.set('rooms', roomMarkKey(room, mark), value);
  }

  /** Of what one hears in all rooms. */
  get rules(): NotificationRules {
    return readNotificationRules((root, key) => this.#personal.get(root, key));
  }

  async setDefaultLevel(level: NotificationLevel): Promise<void> {
    await this.#personal.set('preferences', NOTIFICATION_LEVEL, level);
  }
  async setKeywords(words: readonly string[]): Promise<void> {
    await this.#personal.set('preferences', KEYWORDS, [...tidyKeywords(words)]);
  }
  /** @param quiet null: none */
  async setQuietHours(quiet: QuietHours | null): Promise<void> {
    await this.#personal.set('preferences', QUIET_HOURS, quiet);
  }

  /** The highest first; of two in one place, which two devices gave away, the order is that of their ids. */
  favourites(): readonly string[] {
    return this.#placed().map(({ room }) => room);
  }

  /** @param before the favourite that it goes above; null: below all */
  async setFavourite(room: string, before: string | null): Promise<void> {
    const others = this.#placed().filter((one) => one.room !== room);
    const at = others.findIndex((one) => one.room === before);
    const index = at === -1 ? others.length : at;
    const above = others[index - 1]?.place;
    const below = others[index]?.place;
    if (above === undefined) return this.set(room, 'favourite', below === undefined ? 0 : below - 1);
    if (below === undefined) return this.set(room, 'favourite', above + 1);
    if (below - above > LEAST_GAP) return this.set(room, 'favourite', (above + below) / 2);
    const order = [...others.slice(0, index).map((one) => one.room), room, ...others.slice(index).map((o) => o.room)];
    await Promise.all(order.map((one, place) => this.set(one, 'favourite', place)));
  }

  /** What is put away comes back with a mention, and, in direct rooms and groups, with any message. */
  bringBack({ id, kind, n, mentions = [] }: RoomSummary): void {
    const archived = this.get(id, 'archived');
    if (archived === null) return;
    const isPeople = kind === 'direct' || kind === 'group';
    if ((isPeople && n > archived) || mentions.some((place) => place > archived)) void this.set(id, 'archived', null);
  }

  /** Keys of the own document were changed, here or elsewhere. */
  heard(root: 'rooms' | 'preferences', keys: readonly string[]): void {
    if (root === 'preferences') {
      if (RULES.some((key) => keys.includes(key))) this.#changed(null);
      return;
    }
    const rooms = new Set(keys.flatMap((key) => roomMarkOf(key)?.room ?? []));
    if (rooms.size > 0) this.#changed([...rooms]);
  }

  #placed(): { readonly room: string; readonly place: number }[] {
    return this.#personal
      .keys('rooms')
      .flatMap((key) => {
        const of = roomMarkOf(key);
        const place = of?.mark === 'favourite' ? this.get(of.room, 'favourite') : null;
        return of && place !== null ? [{ room: of.room, place }] : [];
      })
      .sort((a, b) => a.place - b.place || (a.room < b.room ? -1 : 1));
  }
}
