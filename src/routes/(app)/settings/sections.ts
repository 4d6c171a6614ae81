// The parts of the settings, in the order of their list.

import CircleUserRound from '@lucide/svelte/icons/circle-user-round';
import Eye from '@lucide/svelte/icons/eye';
import HardDrive from '@lucide/svelte/icons/hard-drive';
import Info from '@lucide/svelte/icons/info';
import KeyRound from '@lucide/svelte/icons/key-round';
import Sun from '@lucide/svelte/icons/sun';
import User from '@lucide/svelte/icons/user';

export const SECTIONS = [
  { path: '/settings/profile', name: 'Profile', sub: 'Name, picture, status, colour', icon: User },
  { path: '/settings/appearance', name: 'Appearance and sound', sub: 'Light or dark, notifications, tones', icon: Sun },
  { path: '/settings/privacy', name: 'Privacy', sub: 'Receipts, last seen, typing', icon: Eye },
  { path: '/settings/security', name: 'Security', sub: 'Password, passkeys, devices', icon: KeyRound },
  { path: '/settings/storage', name: 'This device', sub: 'What is kept here, what waits', icon: HardDrive },
  { path: '/settings/account', name: 'Account', sub: 'Sign out, delete', icon: CircleUserRound },
  { path: '/settings/about', name: 'About and keys', sub: 'Version, keyboard', icon: Info }
] as const;
