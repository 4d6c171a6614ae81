// A small harbour community as one would meet it on a Thursday evening: for pictures, and for tests of how screens
// look with life in them. Told in order of time: the server's clock is set forward as it goes.

import { Community, type Inhabitant } from './community.ts';
import type { RoostProcess } from './roost-process.ts';
import type { ServerClock } from './server-clock.ts';

const NAMES = {
  nora: 'Nora Kvist',
  ann: 'Ann-Kathrin Oyelaran-Lindqvist',
  bo: 'Bo Fjeld',
  sakura: '山田さくら',
  tomasz: 'Tomasz Wójcik',
  mikkel: 'Mikkel Aas',
  maryam: 'مريم الحداد',
  joao: 'João Pessoa'
} as const;
type Who = keyof typeof NAMES;

const ROOMS = {
  harbour: 'Harbour crew',
  weather: 'Weather watch',
  storm: 'Storm shutters and winter storage 2025',
  kitchen: 'Kitchen & supplies',
  announcements: 'Announcements',
  ladder: 'Long ladder',
  photos: '写真部',
  quay: 'أهل المرسى',
  night: 'Night watch'
} as const;
export type HarbourRoom = keyof typeof ROOMS;

/** Day and time of day, as "-1 16:52"; who; where; what. */
type Scene = readonly [when: string, who: Who, where: HarbourRoom, body: string, more?: SceneMore];
interface SceneMore {
  readonly as?: string;
  readonly answers?: string;
  /** When it was written, if that was long before it came. */
  readonly written?: string;
}

const LONG_WORD = 'Sportbootführerscheinverlängerungsantragsbearbeitungsnummer';

/** What Nora has read. */
const EARLIER: readonly Scene[] = [
  ['-4 09:30', 'maryam', 'quay', 'إن شاء الله، نلتقي عند المرسى'],
  ['-2 20:12', 'sakura', 'photos', '写真ありがとう！また来週ね'],
  [
    '-1 16:52',
    'ann',
    'harbour',
    'Moved the dinghies up past the wrack line. The blue one still leaks at the transom, so please don’t take it out alone.',
    { as: 'leak' }
  ],
  ['-1 16:53', 'ann', 'harbour', 'Keys are back on the hook by the door.'],
  ['-1 17:05', 'sakura', 'harbour', '了解です。明日の朝、6時半に桟橋で会いましょう。風が強そうなので暖かい服で。'],
  ['-1 17:11', 'maryam', 'harbour', 'سأحضر القهوة والخبز للجميع، لا تنسوا سترات النجاة.'],
  ['-1 17:20', 'tomasz', 'harbour', '🌊⛵️🥐'],
  ['-1 17:22', 'tomasz', 'harbour', `The form wants a “${LONG_WORD}”. I have found no such number.`],
  ['-1 17:58', 'nora', 'ladder', 'Deal. Bring the long ladder'],
  ['0 15:02', 'joao', 'announcements', 'Ferry timetable changes from Monday'],
  ['0 16:20', 'ann', 'kitchen', 'Shopping goes out at ten.'],
  [
    '0 17:48',
    'sakura',
    'harbour',
    'South pontoon at low water, third pile is loose: https://harbour.example/pontoon/(south)?tide=low.'
  ],
  [
    '0 18:02',
    'bo',
    'harbour',
    'I have epoxy and two free hours tomorrow. Leave it on the trestles?',
    { answers: 'leak' }
  ],
  [
    '0 18:10',
    'tomasz',
    'harbour',
    "Gauge is logging again, jq was missing on the box:\ngauge --since 06:00 --json | jq '.[].level'"
  ]
];

/** What came while she looked elsewhere. */
const SINCE: readonly Scene[] = [
  ['0 18:31', 'tomasz', 'storm', 'Shutters for the east shed are numbered now'],
  ['0 18:33', 'bo', 'storm', 'The rail before and after: https://harbour.example/rail'],
  [
    '0 18:40',
    'mikkel',
    'harbour',
    'Off Stad, no signal since dawn. Barometer fell 6 hPa in two hours; I’d double the lines tonight, Nora',
    { written: '0 09:12' }
  ],
  ['0 18:43', 'nora', 'harbour', 'Thanks Mikkel, doubling them now.'],
  ['0 18:44', 'nora', 'harbour', 'Two on the bow, one spring each side.'],
  ['0 18:45', 'mikkel', 'weather', 'Wind backing south-west'],
  ['0 18:46', 'mikkel', 'weather', 'Gauge three reads 41'],
  ['0 18:47', 'bo', 'weather', 'That cannot be right'],
  ['0 18:49', 'mikkel', 'weather', 'Nora, can you check the gauge?'],
  ['0 18:52', 'bo', 'harbour', 'Epoxy is in the second locker. I can hold the lamp 👍']
];

export class Harbour {
  readonly roost: RoostProcess;
  readonly community: Community;
  readonly rooms: Readonly<Record<HarbourRoom, string>>;
  readonly people: Readonly<Record<Who, Inhabitant>>;
  readonly #clock: ServerClock;
  readonly #day: number;
  readonly #ids = new Map<string, string>();

  private constructor(
    parts: Pick<Harbour, 'roost' | 'community' | 'rooms' | 'people'>,
    clock: ServerClock,
    day: number
  ) {
    this.roost = parts.roost;
    this.community = parts.community;
    this.rooms = parts.rooms;
    this.people = parts.people;
    this.#clock = clock;
    this.#day = day;
  }

  /**
   * Founds it and tells what Nora, who administers the server, has seen of it.
   * @param roost a fresh server under this clock
   * @param day midnight of the day of the picture, epoch ms
   */
  static async found(roost: RoostProcess, clock: ServerClock, day: number): Promise<Harbour> {
    const community = new Community(roost, () => clock.now(), { signing: true });
    const people = {} as Record<Who, Inhabitant>;
    clock.setTo(timeOf('-6 10:00', day));
    for (const who of Object.keys(NAMES) as Who[]) people[who] = await community.person(NAMES[who]);
    const { nora, ann, bo, sakura, tomasz, mikkel, maryam, joao } = people;
    const room = (owner: Inhabitant, name: HarbourRoom, kind: 'private' | 'public', members: Inhabitant[]) =>
      community.room(owner, ROOMS[name], kind, members);
    const rooms = {
      quay: await room(maryam, 'quay', 'private', [nora]),
      photos: await room(sakura, 'photos', 'public', [nora]),
      harbour: await room(ann, 'harbour', 'private', [nora, bo, sakura, tomasz, mikkel, maryam, joao]),
      ladder: await room(tomasz, 'ladder', 'private', [nora]),
      announcements: await room(joao, 'announcements', 'public', [nora]),
      kitchen: await room(ann, 'kitchen', 'private', [nora]),
      storm: await room(tomasz, 'storm', 'public', [nora, bo]),
      weather: await room(mikkel, 'weather', 'public', [nora, bo]),
      night: await room(nora, 'night', 'private', [])
    };
    await community.setTopic(
      ann,
      rooms.harbour,
      'Boats, weather, and who has the keys. Low water before you ask about the slipway.'
    );
    const harbour = new Harbour({ roost, community, rooms, people }, clock, day);
    await harbour.#tell(EARLIER);
    return harbour;
  }

  /** What came while Nora looked elsewhere, and who is here now. */
  async goOn(): Promise<void> {
    await this.#tell(SINCE);
    const { ann, bo, sakura, tomasz } = this.people;
    for (const person of [ann, bo]) await this.community.show(person, this.rooms.harbour, 'here');
    await this.community.show(tomasz, this.rooms.harbour, 'away');
    await this.community.show(sakura, this.rooms.harbour, 'typing');
  }

  async #tell(scenes: readonly Scene[]): Promise<void> {
    for (const [when, who, where, body, more = {}] of scenes) {
      this.#clock.setTo(timeOf(when, this.#day));
      const { as, answers, written } = more;
      const replyTo = answers === undefined ? undefined : this.#ids.get(answers);
      const id = await this.community.write(this.people[who], this.rooms[where], body, {
        ...(replyTo === undefined ? {} : { replyTo }),
        ...(written === undefined ? {} : { sentAt: timeOf(written, this.#day) })
      });
      if (as !== undefined) this.#ids.set(as, id);
    }
  }

  [Symbol.dispose](): void {
    this.community[Symbol.dispose]();
  }
}

/** @param when "-1 16:52": the day before, by the clock of the picture */
export function timeOf(when: string, day: number): number {
  const [, days, hour, minute] = /^(-?\d+) (\d\d):(\d\d)$/.exec(when)!.map(Number) as [number, number, number, number];
  return day + days * 86_400_000 + (hour * 60 + minute) * 60_000;
}
