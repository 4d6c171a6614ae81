// The parts of the interface that nobody sees at first: other screens, dialogs, sheets. They come in chunks of their own,
// the likeliest first, one after another while the page is idle: so each opens at once, also with the network gone and no
// service worker to keep them, as on plain http.

import { preloadCode } from '$app/navigation';

const PARTS: readonly (() => Promise<unknown>)[] = [
  () => preloadCode('/(app)/room/[id]'),
  () => import('./Switcher.svelte'),
  () => import('./RoomMenu.svelte'),
  () => import('./room/[id]/MessageSheet.svelte'),
  () => import('./room/[id]/ReactionMenu.svelte'),
  () => import('./room/[id]/PinnedList.svelte'),
  () => import('./room/[id]/PollDialog.svelte'),
  () => import('./room/[id]/files/FilesStrip.svelte'),
  () => import('./room/[id]/files/SoundRow.svelte'),
  () => import('./room/[id]/files/FilmPlayer.svelte'),
  () => import('./room/[id]/voice/RecordingStrip.svelte'),
  () => import('#lib/files/prepare-file.ts'),
  () => import('./room/[id]/files/Viewer.svelte'),
  () => import('./room/[id]/files/DropPlate.svelte'),
  () => import('./room/[id]/ForwardForm.svelte'),
  () => preloadCode('/(app)/room/[id]/thread/[root]'),
  () => import('./room/[id]/thread/ThreadPanel.svelte'),
  () => import('./room/[id]/thread/ThreadsPopup.svelte'),
  () => preloadCode('/(app)/threads'),
  () => import('#lib/emoji/emoji-catalog.ts').then(({ loadEmoji }) => loadEmoji()),
  () => import('./room/[id]/ScheduleMenu.svelte'),
  () => import('./room/[id]/ScheduledList.svelte'),
  () => import('./person/PersonSheet.svelte'),
  () => preloadCode('/(app)/room/[id]/details'),
  () => preloadCode('/(app)/room/[id]/details/files'),
  () => import('./room/[id]/details/files/Gallery.svelte'),
  () => import('./room/[id]/details/Invite.svelte'),
  () => import('./room/[id]/details/EditRoom.svelte'),
  () => import('./room/[id]/details/Manage.svelte'),
  () => preloadCode('/(app)/new'),
  () => preloadCode('/(app)/new/message'),
  () => preloadCode('/(app)/directory'),
  () => preloadCode('/(app)/starred'),
  () => preloadCode('/(app)/person/[id]'),
  () => import('./KeysSheet.svelte'),
  () => preloadCode('/(app)/settings'),
  () => preloadCode('/(app)/settings/profile'),
  () => import('#lib/ui/AvatarCrop.svelte'),
  () => preloadCode('/(app)/settings/appearance'),
  () => preloadCode('/(app)/settings/notifications'),
  () => preloadCode('/(app)/settings/privacy'),
  () => preloadCode('/(app)/settings/security'),
  () => preloadCode('/(app)/settings/storage'),
  () => preloadCode('/(app)/settings/account'),
  () => preloadCode('/(app)/settings/about')
];

/** For who measures or tests. */
const ALL_THERE = 'roost-later-parts';
/** Where the browser does not tell when it is idle. */
const PAUSE_MS = 200;

/** @returns stops it */
export function fetchLaterParts(): () => void {
  let stopped = false;
  void (async () => {
    for (const load of PARTS) {
      await untilIdle();
      if (stopped) return;
      // What does not come now is asked for when it is opened.
      await load().catch(() => undefined);
    }
    performance.mark(ALL_THERE);
  })();
  return () => (stopped = true);
}

function untilIdle(): Promise<unknown> {
  return new Promise((resolve) => {
    if ('requestIdleCallback' in window) requestIdleCallback(resolve);
    // Safari knows no idle callback: a pause between two parts leaves time for what a person does.
    else setTimeout(resolve, PAUSE_MS);
  });
}
