/// <reference types="vite-plugin-pwa/client" />

declare global {
  namespace App {
    interface PageState {
      /** What came with the address stands in the composer: whoever comes back to this entry of the history is not given it again. */
      arrived?: true;
    }
  }
}

export {};
