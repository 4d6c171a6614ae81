// The client's composition root: builds the app out of its parts. Screens get an AppModel and nothing else.
// Invariant: nothing runs before `start`; `dispose` closes everything that was opened.

import { App } from './model/app.svelte.ts';
import { browserEnvironment, type Environment } from './environment.ts';
import type { AppModel } from './model/app-model.ts';

export interface RunningApp extends AppModel {
  /** A part of the app could not be loaded, and only a reload helps. */
  readonly incomplete: boolean;
  start(): void;
  dispose(): void;
}

/** @param environment left out: this browser */
export function createApp(environment: Environment = browserEnvironment()): RunningApp {
  return new App(environment);
}
