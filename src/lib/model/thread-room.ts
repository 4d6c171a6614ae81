// A thread seen as a room: what shows a conversation and writes into it does the same in a thread. Everything that is not
// the thread's own is the room's, also what the room learns to do later.

import type { RoomModel } from './room-model.ts';
import type { MessageItem } from './timeline-item.ts';
import type { RoomThreads } from './thread-model.ts';
import type { ThreadView } from './thread.svelte.ts';

/** A thread has no threads. */
export const NO_THREADS: RoomThreads = {
  of: () => null,
  mayOpen: () => false,
  open: () => {
    throw new TypeError('a thread has no threads');
  },
  rootOf: () => null,
  point: () => undefined,
  own: [],
  unread: 0
};

type Own = Pick<
  RoomModel,
  | 'timeline'
  | 'history'
  | 'newer'
  | 'firstUnreadId'
  | 'unreadBefore'
  | 'unread'
  | 'writtenId'
  | 'draft'
  | 'composition'
  | 'typing'
  | 'threads'
  | 'setDraft'
  | 'setTyping'
  | 'send'
  | 'takeUp'
  | 'files'
  | 'markRead'
  | 'loadOlder'
  | 'loadNewer'
  | 'toLatest'
  | 'toMessage'
  | 'shownMessage'
  | 'toFirstUnread'
  | 'setFollowing'
  | 'close'
  | 'messages'
  | 'schedule'
  | 'preview'
>;

export function threadRoom(room: RoomModel, thread: ThreadView, markRead: (upTo: MessageItem) => void): RoomModel {
  const nothing = (): Promise<void> => Promise.resolve();
  const own: Own = {
    get timeline() {
      return thread.items;
    },
    get firstUnreadId() {
      return thread.firstNew;
    },
    get draft() {
      return thread.composer.draft.text;
    },
    get writtenId() {
      return thread.writtenId;
    },
    get shownMessage() {
      return thread.shownMessage;
    },
    ...{ history: 'start', newer: 'none', unreadBefore: false, unread: 0, typing: [] },
    composition: thread.composer.composition,
    preview: thread.composer.preview,
    threads: NO_THREADS,
    setDraft: (text) => thread.composer.draft.set(text),
    // Who types in a thread is not typing in the room.
    setTyping: () => undefined,
    send: (body, replyTo = null, withFiles = true) => thread.composer.send(body, replyTo, withFiles),
    takeUp: (id) => thread.takeUp(id),
    files: thread.composer.files,
    markRead: (upTo) => {
      if (upTo.kind === 'message') markRead(upTo);
    },
    ...{ loadOlder: nothing, loadNewer: nothing, toLatest: nothing, toFirstUnread: nothing },
    toMessage: (id) => (thread.show(id) ? Promise.resolve('shown') : room.toMessage(id)),
    setFollowing: () => undefined,
    close: () => thread.close(),
    messages: withOwn(room.messages, { ask: (poll) => thread.ask(poll) }),
    schedule: withOwn(room.schedule, {
      get items() {
        return room.schedule.items.filter((item) => item.thread === thread.root);
      },
      add: (body, replyTo, at) =>
        room.schedule.add(body, replyTo, at, {
          thread: thread.root,
          preview: thread.composer.preview.take(body),
          files: thread.composer.files
        })
    })
  };
  return withOwn(room, own);
}

/** The same, but for these. */
function withOwn<Model extends object>(model: Model, own: Partial<Model>): Model {
  const methods = new Map<PropertyKey, unknown>();
  return new Proxy(model, {
    get(of, key) {
      if (Object.hasOwn(own, key)) return Reflect.get(own, key) as unknown;
      const value: unknown = Reflect.get(of, key);
      if (typeof value !== 'function') return value;
      // Its methods know it alone as their `this`.
      if (!methods.has(key)) methods.set(key, value.bind(of));
      return methods.get(key);
    }
  });
}
