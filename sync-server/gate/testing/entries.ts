// Entries for tests, legal unless a test changes them.

import type { Entry } from '#protocol/entry.ts';
import type { UserId } from '#protocol/ids.ts';
import { NOW } from './test-page.ts';

export const created = (author: UserId, more: object = {}): Entry => ({
  id: 'created-the-room',
  type: 'room',
  action: 'created',
  name: 'Kitchen',
  kind: 'public',
  author,
  sentAt: NOW,
  ...more
});

export const message = (id: string, author: UserId, more: object = {}): Entry => ({
  id: id.padEnd(8, '_'),
  type: 'message',
  author,
  sentAt: NOW,
  body: `says ${id}`,
  ...more
});

export const joined = (id: string, author: UserId, more: object = {}): Entry => ({
  id: id.padEnd(8, '_'),
  type: 'membership',
  action: 'joined',
  author,
  sentAt: NOW,
  ...more
});
