// How screens reach the app: one typed context, set by the root layout. Nothing else hands the models around.

import { createContext } from 'svelte';
import type { AppModel } from './model/app-model.ts';

export const [getApp, setApp] = createContext<AppModel>();
