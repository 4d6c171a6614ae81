// What installing needs of the browser, in one place, so that tests can give it something else.
// Invariant: listens from the first moment: a browser says only once that the app can be installed.

/** The event by which Chromium hands its own offer to the page; no type of lib.dom. */
export interface InstallPrompt {
  readonly prompt: () => Promise<{ readonly outcome: 'accepted' | 'dismissed' }>;
}

export interface InstallBrowser {
  readonly secure: boolean;
  readonly isInstalled: () => boolean;
  /**
   * Where the person installs by hand. home-screen: the share menu of iPhones and iPads; menu: the menu of Firefox on
   * Android; dock: Safari's File menu on a Mac; none: this browser installs nothing, or by its own offer alone.
   */
  readonly byHand: 'home-screen' | 'menu' | 'dock' | 'none';
  /** Null: not offered by the browser, or used up. */
  readonly prompt: () => InstallPrompt | null;
  readonly onChange: (listener: () => void) => () => void;
}

export function browserInstall(): InstallBrowser {
  let prompt: InstallPrompt | null = null;
  const listeners = new Set<() => void>();
  const tell = (): void => listeners.forEach((listener) => listener());
  window.addEventListener('beforeinstallprompt', (event) => {
    // The browser's own bar would come at a moment of its choosing.
    event.preventDefault();
    prompt = event as unknown as InstallPrompt;
    tell();
  });
  window.addEventListener('appinstalled', () => {
    prompt = null;
    tell();
  });
  return {
    secure: isSecureContext,
    isInstalled: isOnHomeScreen,
    byHand: byHand(),
    prompt: () => prompt,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    }
  };
}

function byHand(): InstallBrowser['byHand'] {
  const { userAgent } = navigator;
  if (isIphoneOrIpad()) return 'home-screen';
  if (/Android/.test(userAgent) && /Firefox\//.test(userAgent)) return 'menu';
  const isSafari = /Version\/\d+.*Safari\//.test(userAgent) && !/Chrom/.test(userAgent);
  return /Macintosh/.test(userAgent) && isSafari ? 'dock' : 'none';
}

/** An iPad says that it is a Mac. */
export const isIphoneOrIpad = (): boolean =>
  /iPhone|iPad/.test(navigator.userAgent) || (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);

/** Opened as an app of its own. */
export const isOnHomeScreen = (): boolean =>
  matchMedia('(display-mode: standalone)').matches || ('standalone' in navigator && navigator.standalone === true);
