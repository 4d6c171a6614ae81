// What push needs of the browser, in one place, so that tests can give it something else.

import { isIphoneOrIpad, isOnHomeScreen } from './install-browser.ts';

export interface PushBrowser {
  /** Null: the browser has none of it, or not here. */
  readonly registration: () => Promise<ServiceWorkerRegistration | null>;
  readonly secure: boolean;
  /** iPhones and iPads, where the app is not on the home screen. */
  readonly needsHomeScreen: boolean;
  readonly permission: () => NotificationPermission;
  readonly ask: () => Promise<NotificationPermission>;
}

/** Missing members are really missing in some browsers, whatever the types say. */
export function browserPush(): PushBrowser {
  const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer };
  return {
    async registration() {
      if (!serviceWorker || !('PushManager' in window) || !('Notification' in window)) return null;
      const registration = await serviceWorker.getRegistration();
      // One that is being installed is waited for; without any there would be no end.
      return registration ? serviceWorker.ready : null;
    },
    secure: isSecureContext,
    needsHomeScreen: isIphoneOrIpad() && !isOnHomeScreen(),
    permission: () => ('Notification' in window ? Notification.permission : 'denied'),
    ask: () => Notification.requestPermission()
  };
}
