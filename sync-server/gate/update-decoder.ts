// Takes a Yjs V1 update apart, strictly, and keeps what a page has not got yet. Yjs's own decoder is not used on
// foreign bytes: it creates documents and types while reading, ignores what follows the end, lets a section hide an
// earlier one, and gives no byte spans. Known structs are stepped over, whatever they hold; delete sets are ignored.

import { MESSAGE_MAX_BYTES } from '#protocol/limits.ts';
import { readElement, type Element } from './element.ts';
import { MalformedUpdate, UpdateReader } from './update-reader.ts';

/** Id of a Yjs struct's element. */
export interface Id {
  readonly client: number;
  readonly clock: number;
}

/** The new part of a struct that has content. */
export interface NewItem {
  readonly client: number;
  /** Of the first new element. */
  readonly clock: number;
  /** What stands left of the first new element; null: named by `root` alone. */
  readonly origin: Id | null;
  /** Name of the root type, where the item gives it. */
  readonly root: string | null;
  readonly elements: readonly Element[];
}

/** What a client id brings that is new to the page, in clock order. */
export interface NewSection {
  readonly client: number;
  readonly items: readonly NewItem[];
  /** Items from this index on (`items.length`: none here) lie beyond clocks that the page has not got. */
  readonly reachable: number;
  /** Something is missing before an item, or a Skip reaches past what the page has. */
  readonly gap: boolean;
  /** Why the new structs do not fit a page's grammar, or null. Judged after the owner of the client id. */
  readonly flaw: string | null;
}

export type DecodedUpdate =
  { readonly ok: true; readonly sections: readonly NewSection[] } | { readonly ok: false; readonly reason: string };

/** New elements in one update: more than MESSAGE_MAX_BYTES can carry of the smallest entries there are. */
const NEW_ELEMENTS_MAX = 65_536;

const HAS_ORIGIN = 0x80;
const HAS_RIGHT_ORIGIN = 0x40;
const HAS_PARENT_SUB = 0x20;
const REF = 0x1f;
const REF_GC = 0;
const REF_DELETED = 1;
const REF_ANY = 8;
const REF_SKIP = 10;

/** Elements of an update by where they begin in it. */
export type ReadElements = Map<number, Element>;

/**
 * @param known the page's next clock of a client id; 0 for one it does not know
 * @param read elements of the very same bytes that were built before; those that are built now are added
 */
export function decodeUpdate(
  update: Uint8Array,
  known: (client: number) => number,
  read: ReadElements = new Map()
): DecodedUpdate {
  if (update.length > MESSAGE_MAX_BYTES) return { ok: false, reason: `over ${MESSAGE_MAX_BYTES} bytes` };
  try {
    return { ok: true, sections: readUpdate(new UpdateReader(update), known, read) };
  } catch (error) {
    if (error instanceof MalformedUpdate) return { ok: false, reason: error.message };
    throw error;
  }
}

function readUpdate(reader: UpdateReader, known: (client: number) => number, read: ReadElements): NewSection[] {
  const sections: NewSection[] = [];
  const budget = { elements: NEW_ELEMENTS_MAX };
  // A section is at least count, client, clock and one struct of two bytes.
  const count = reader.count(5);
  let previous = Infinity;
  for (let i = 0; i < count; i++) {
    const structs = reader.count(2);
    const client = reader.varUint();
    // Yjs writes higher client ids first. A second section of a client hides the first from Yjs.
    if (client >= previous) throw new MalformedUpdate('sections are doubled or not in order');
    if (structs === 0) throw new MalformedUpdate('a section is empty');
    previous = client;
    const section = new SectionReader(reader, client, known(client), budget, read).read(structs);
    if (section.items.length > 0 || section.gap || section.flaw !== null) sections.push(section);
  }
  skipDeleteSet(reader);
  if (reader.remainingBytes > 0) throw new MalformedUpdate('bytes follow the end');
  return sections;
}

/** Delete sets never come from our clients, and a SyncStep2 carries all old ones: nothing to take from them. */
function skipDeleteSet(reader: UpdateReader): void {
  const clients = reader.count(2);
  for (let i = 0; i < clients; i++) {
    reader.varUint();
    const ranges = reader.count(2);
    for (let j = 0; j < ranges; j++) {
      reader.varUint();
      reader.varUint();
    }
  }
}

class SectionReader {
  readonly #reader: UpdateReader;
  readonly #client: number;
  readonly #known: number;
  readonly #budget: { elements: number };
  readonly #elements: ReadElements;
  readonly #items: NewItem[] = [];
  #reachable: number | null = null;
  #flaw: string | null = null;

  constructor(
    reader: UpdateReader,
    client: number,
    known: number,
    budget: { elements: number },
    elements: ReadElements
  ) {
    this.#reader = reader;
    this.#client = client;
    this.#known = known;
    this.#budget = budget;
    this.#elements = elements;
  }

  read(structs: number): NewSection {
    let clock = this.#reader.varUint();
    if (clock > this.#known) this.#missesSomething();
    for (let i = 0; i < structs; i++) {
      clock += this.#struct(clock);
      if (clock > Number.MAX_SAFE_INTEGER) throw new MalformedUpdate('a clock is beyond 53 bits');
    }
    const items = this.#items;
    const gap = this.#reachable !== null;
    return { client: this.#client, items, reachable: this.#reachable ?? items.length, gap, flaw: this.#flaw };
  }

  /** What follows in this section is out of reach. */
  #missesSomething(): void {
    this.#reachable ??= this.#items.length;
  }

  #refuse(flaw: string): void {
    this.#flaw ??= flaw;
  }

  /** @returns how many clocks the struct takes */
  #struct(clock: number): number {
    const info = this.#reader.uint8();
    const ref = info & REF;
    if (ref === REF_GC || ref === REF_SKIP) {
      if (info !== ref) throw new MalformedUpdate('a struct without content has flags');
      const length = lengthOf(this.#reader.varUint());
      if (clock + length > this.#known) {
        if (ref === REF_SKIP) this.#missesSomething();
        else this.#refuse('a GC struct is new');
      }
      return length;
    }
    const head = this.#itemHead(info);
    if (ref === REF_ANY) return this.#anyItem(clock, head);
    const length = lengthOf(skipContent(this.#reader, ref));
    if (clock + length > this.#known) this.#refuse(ref === REF_DELETED ? 'a deleted item is new' : 'not plain JSON');
    return length;
  }

  #itemHead(info: number): ItemHead {
    const reader = this.#reader;
    const origin = info & HAS_ORIGIN ? readId(reader) : null;
    const hasRightOrigin = (info & HAS_RIGHT_ORIGIN) !== 0;
    if (hasRightOrigin) readId(reader);
    const hasParentSub = (info & HAS_PARENT_SUB) !== 0;
    let root: string | null = null;
    if (!origin && !hasRightOrigin) {
      const named = reader.varUint();
      if (named > 1) throw new MalformedUpdate('a parent is neither a name nor an id');
      if (named === 1) root = reader.varString();
      else readId(reader);
      if (hasParentSub) reader.varString();
    }
    return { origin, root, hasRightOrigin, hasParentSub };
  }

  #element(): Element {
    const span = this.#reader.skipAny();
    const before = this.#elements.get(span.start);
    if (before) return before;
    const element = readElement(this.#reader, span);
    this.#elements.set(span.start, element);
    return element;
  }

  #anyItem(clock: number, head: ItemHead): number {
    const length = lengthOf(this.#reader.count(1));
    const cut = Math.min(length, Math.max(0, this.#known - clock));
    for (let i = 0; i < cut; i++) this.#reader.skipAny();
    if (cut === length) return length;
    this.#budget.elements -= length - cut;
    if (this.#budget.elements < 0) throw new MalformedUpdate(`over ${NEW_ELEMENTS_MAX} new elements`);
    const elements: Element[] = [];
    for (let i = cut; i < length; i++) elements.push(this.#element());
    if (head.hasRightOrigin) this.#refuse('an item has a right origin');
    if (head.hasParentSub) this.#refuse('an item is a map value');
    const first = clock + cut;
    // The rest of an item that the page has begun stands right of its own begun part, as Yjs integrates it.
    const origin = cut > 0 ? { client: this.#client, clock: first - 1 } : head.origin;
    this.#items.push({ client: this.#client, clock: first, origin, root: cut > 0 ? null : head.root, elements });
    return length;
  }
}

interface ItemHead {
  readonly origin: Id | null;
  readonly root: string | null;
  readonly hasRightOrigin: boolean;
  readonly hasParentSub: boolean;
}

function readId(reader: UpdateReader): Id {
  const client = reader.varUint();
  return { client, clock: reader.varUint() };
}

/** Every struct takes a clock: one of no length would stand at a clock that another one has. */
function lengthOf(length: number): number {
  if (length === 0) throw new MalformedUpdate('a struct has no length');
  return length;
}

// Type refs of ContentType that carry a name.
const XML_ELEMENT = 3;
const XML_HOOK = 5;
const XML_TEXT = 6;

/** Steps over content that a page never takes but a known struct may hold. @returns how many clocks it takes */
function skipContent(reader: UpdateReader, ref: number): number {
  switch (ref) {
    case REF_DELETED:
      return reader.varUint();
    case 2: {
      const length = reader.count(1); // ContentJSON
      for (let i = 0; i < length; i++) reader.skipVarBytes();
      return length;
    }
    case 3: // ContentBinary
    case 5: // ContentEmbed
      reader.skipVarBytes();
      return 1;
    case 4: // ContentString: one clock for each UTF-16 code unit
      return reader.varString().length;
    case 6: // ContentFormat: key and value
      reader.skipVarBytes();
      reader.skipVarBytes();
      return 1;
    case 7: {
      const type = reader.varUint();
      if (type > XML_TEXT) throw new MalformedUpdate(`${type} is no shared type`);
      if (type === XML_ELEMENT || type === XML_HOOK) reader.skipVarBytes();
      return 1;
    }
    case 9: // ContentDoc: guid and options
      reader.skipVarBytes();
      reader.skipAny();
      return 1;
    default:
      throw new MalformedUpdate(`${ref} is no kind of content`);
  }
}
