// The parts of administration, in the order of their list.

import Database from '@lucide/svelte/icons/database';
import Flag from '@lucide/svelte/icons/flag';
import Link from '@lucide/svelte/icons/link';
import MessagesSquare from '@lucide/svelte/icons/messages-square';
import ScrollText from '@lucide/svelte/icons/scroll-text';
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal';
import Users from '@lucide/svelte/icons/users';

export const SECTIONS = [
  { path: '/admin/people', name: 'People', sub: 'Suspend, let back in, delete', icon: Users },
  { path: '/admin/rooms', name: 'Rooms', sub: 'Size, activity, delete', icon: MessagesSquare },
  { path: '/admin/reports', name: 'Reports', sub: 'Out of conversations', icon: Flag },
  { path: '/admin/invitations', name: 'Invitations', sub: 'Links that still work', icon: Link },
  { path: '/admin/settings', name: 'Settings', sub: 'Who may sign up, who makes rooms', icon: SlidersHorizontal },
  { path: '/admin/storage', name: 'Storage', sub: 'What is used, what is left', icon: Database },
  { path: '/admin/log', name: 'Log', sub: 'Who did what as administrator', icon: ScrollText }
] as const;
