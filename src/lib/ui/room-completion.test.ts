import { describe, expect, test } from 'vitest';
import { plainMarkdown, parseMarkdown } from '#protocol/markdown/markdown.ts';
import { ownPath } from './message-link.ts';
import { begunRoom, roomLink, roomOptions } from './room-completion.ts';

const ROOM = 'AAAAAAAAAAAAAAAAAAAAAA';
const rooms = ['Harbour crew', 'Weather watch', 'Crew of the harbour', '写真部'].map((name, at) => ({
  id: `${at}`,
  name
}));
const found = (typed: string) => roomOptions(typed, rooms, 7).map(({ name }) => name);

describe('a room that is named with #', () => {
  test('[LINK-5] begins after a space, a bracket or at the start, and may hold spaces', () => {
    expect(begunRoom('#h', 2)).toEqual({ from: 0, to: 2, typed: 'h' });
    expect(begunRoom('see #harbour c and', 14)).toEqual({ from: 4, to: 14, typed: 'harbour c' });
    expect(begunRoom('(#写', 3)).toEqual({ from: 1, to: 3, typed: '写' });
    for (const text of ['C#', 'a#b', 'https://x.example/#h', '#', '##', '#a\n'])
      expect(begunRoom(text, text.length), text).toBeNull();
  });

  test('is found by the beginnings of its words, the best first', () => {
    expect(found('har')).toEqual(['Harbour crew', 'Crew of the harbour']);
    expect(found('写')).toEqual(['写真部']);
    expect(found(' h')).toEqual([]);
    expect(found('1 ')).toEqual([]);
    expect(found('zzz')).toEqual([]);
  });

  test.each(['Harbour crew', 'a [b] *c* _d_ `e` ~f~ <g> \\', 'أهل المرسى'])(
    'becomes a link into the app that reads as its name: %s',
    (name) => {
      const link = roomLink('https://roost.example', { id: ROOM, name });
      expect(plainMarkdown(link)).toBe(`#${name}`);
      const [block] = parseMarkdown(link);
      const [node] = block?.kind === 'paragraph' ? block.children : [];
      expect(node).toMatchObject({ kind: 'link', real: null });
      expect(node?.kind === 'link' && ownPath(node.href, ['https://roost.example'])).toBe(`/room/${ROOM}`);
    }
  );
});
