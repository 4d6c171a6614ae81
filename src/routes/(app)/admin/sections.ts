// The parts of administration, in the order of their list. Words are asked for where they are shown.

import Database from '@lucide/svelte/icons/database';
import Flag from '@lucide/svelte/icons/flag';
import Link from '@lucide/svelte/icons/link';
import MessagesSquare from '@lucide/svelte/icons/messages-square';
import ScrollText from '@lucide/svelte/icons/scroll-text';
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal';
import Users from '@lucide/svelte/icons/users';
import { m } from '#lib/words/generated/messages.js';

export const SECTIONS = [
  { path: '/admin/people', name: m.admin_people_title, sub: m.admin_people_sub, icon: Users },
  { path: '/admin/rooms', name: m.admin_rooms_title, sub: m.admin_rooms_sub, icon: MessagesSquare },
  { path: '/admin/reports', name: m.admin_reports_title, sub: m.admin_reports_sub, icon: Flag },
  { path: '/admin/invitations', name: m.admin_invitations_title, sub: m.admin_invitations_sub, icon: Link },
  { path: '/admin/settings', name: m.admin_settings_title, sub: m.admin_settings_sub, icon: SlidersHorizontal },
  { path: '/admin/storage', name: m.admin_storage_title, sub: m.admin_storage_sub, icon: Database },
  { path: '/admin/log', name: m.admin_log_title, sub: m.admin_log_sub, icon: ScrollText }
] as const;
