// The words for how the connection stands, at the foot of the room list and in the settings.

import type { ConnectionView } from '../model/connection-view.ts';
import { m } from '../words/generated/messages.js';

export interface ConnectionWords {
  readonly icon: 'check' | 'clock' | 'syncing' | 'offline' | 'alert';
  readonly text: string;
}

export function connectionWords(view: Pick<ConnectionView, 'status' | 'waiting' | 'failed'>): ConnectionWords {
  const { status, waiting: n, failed } = view;
  switch (status) {
    case 'connected':
      if (n > 0) return { icon: 'clock', text: m.connection_sending({ n }) };
      return failed > 0
        ? { icon: 'alert', text: m.connection_failed({ n: failed }) }
        : { icon: 'check', text: m.connection_sent() };
    case 'syncing':
      return { icon: 'syncing', text: m.connection_syncing() };
    case 'connecting':
      return { icon: 'syncing', text: n === 0 ? m.connection_connecting() : m.connection_connecting_waiting({ n }) };
    case 'offline':
      return { icon: 'offline', text: n === 0 ? m.connection_offline() : m.connection_offline_waiting({ n }) };
  }
}
