import { expect, test } from 'vitest';
import { OwnDocument } from './testing/own-document.ts';
import { THREAD_MARKS_MAX, ThreadMarks } from './thread-marks.ts';

const ROOM = 'r'.repeat(22);

function device() {
  const own = new OwnDocument();
  const marks = new ThreadMarks(own, () => undefined);
  own.doc.getMap('threads').observe(({ keysChanged }) => marks.heard([...keysChanged].filter((key) => key !== null)));
  return { own, marks };
}

test('[THREAD-9] of two devices that were apart the one that read further counts, whichever Yjs lets win', () => {
  // Who wins in Yjs is decided by client ids: both orders must come out the same.
  for (const [first, second] of [
    [100, 200],
    [200, 100]
  ] as const) {
    const [a, b] = [device(), device()];
    a.marks.set(ROOM, 'root-0001', first);
    b.marks.set(ROOM, 'root-0001', second);
    a.own.syncWith(b.own);
    a.own.syncWith(b.own);
    for (const { own, marks } of [a, b]) {
      expect(marks.seen('root-0001')).toBe(200);
      expect(own.get('threads', 'root-0001')).toEqual({ room: ROOM, at: 200 });
    }
  }
});

test('[THREAD-9] a mark never goes back; what does not fit is no mark; the oldest go when there are too many', () => {
  const { own, marks } = device();
  marks.set(ROOM, 'root-0001', 50);
  marks.set(ROOM, 'root-0001', 40);
  expect(marks.seen('root-0001')).toBe(50);
  own.doc.getMap('threads').set('root-0002', 'newer version');
  expect(marks.seen('root-0002')).toBeNull();
  for (let at = 0; at < THREAD_MARKS_MAX; at += 1) marks.set(ROOM, `thread-${at}`, 100 + at);
  expect(own.keys('threads')).toHaveLength(THREAD_MARKS_MAX);
  expect(own.get('threads', 'root-0001')).toBeUndefined();
  expect(own.get('threads', `thread-${THREAD_MARKS_MAX - 1}`)).toBeDefined();
});
