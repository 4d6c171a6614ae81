// The parts of the settings, in the order of their list. Words are asked for where they are shown.

import Bell from '@lucide/svelte/icons/bell';
import CircleUserRound from '@lucide/svelte/icons/circle-user-round';
import Eye from '@lucide/svelte/icons/eye';
import HardDrive from '@lucide/svelte/icons/hard-drive';
import Info from '@lucide/svelte/icons/info';
import KeyRound from '@lucide/svelte/icons/key-round';
import Sun from '@lucide/svelte/icons/sun';
import User from '@lucide/svelte/icons/user';
import { m } from '#lib/words/generated/messages.js';

export const SECTIONS = [
  { path: '/settings/profile', name: m.settings_profile_title, sub: m.settings_profile_sub, icon: User },
  { path: '/settings/appearance', name: m.settings_appearance_title, sub: m.settings_appearance_sub, icon: Sun },
  { path: '/settings/notifications', name: m.push_title, sub: m.push_sub, icon: Bell },
  { path: '/settings/privacy', name: m.settings_privacy_title, sub: m.settings_privacy_sub, icon: Eye },
  { path: '/settings/security', name: m.settings_security_title, sub: m.settings_security_sub, icon: KeyRound },
  { path: '/settings/storage', name: m.settings_storage_title, sub: m.settings_storage_sub, icon: HardDrive },
  { path: '/settings/account', name: m.settings_account_title, sub: m.settings_account_sub, icon: CircleUserRound },
  { path: '/settings/about', name: m.settings_about_title, sub: m.settings_about_sub, icon: Info }
] as const;
