// What the host decides, read once from arguments and environment; everything else receives it.
// Invariant: a Config is valid; anything odd is a ConfigError that names the variable.

import { isIP } from 'node:net';
import path from 'node:path';
import * as v from 'valibot';
import type { Registration, RoomCreation } from '#protocol/api/server.ts';
import type { Rate } from './accounts/rate-limit.ts';
import type { FileLimits } from './blobs/uploads.ts';
import { ConfigError } from './config-error.ts';
import type { SyncLimits } from './sync/sync-limits.ts';

export interface Limits {
  /** Failed sign-ins from one address. */
  readonly signInPerAddress: Rate;
  /** Failed sign-ins to one account. */
  readonly signInPerAccount: Rate;
  /** New accounts from one address. */
  readonly signUpPerAddress: Rate;
  /** Requests of one signed-in person. */
  readonly requestsPerPerson: Rate;
  /** Failed recoveries from one address. */
  readonly recoveryPerAddress: Rate;
  /** Failed recoveries of one account, by its codes. */
  readonly recoveryPerAccount: Rate;
  /** Passkey ceremonies begun from one address. */
  readonly ceremoniesPerAddress: Rate;
  /** Changes of one person's profile; everybody hears of each. */
  readonly profileChangesPerPerson: Rate;
  /** Pictures that one person brings. */
  readonly avatarsPerPerson: Rate;
  /** New device keys of one person; each is kept for ever. */
  readonly devicesPerPerson: Rate;
  /** Rooms that one person makes. */
  readonly roomsPerPerson: Rate;
  /** Pages that are asked for previews of what one person writes. */
  readonly previewsPerPerson: Rate;
}

export interface Config {
  /** 0 takes any free one (tests). */
  readonly port: number;
  /** Address or name to listen on; `localhost` is both 127.0.0.1 and ::1. */
  readonly host: string;
  /** Listen on the local network too, over HTTPS. */
  readonly lan: boolean;
  readonly dataDir: string;
  /** The built app. */
  readonly buildDir: string;
  /** Until an administrator sets it. */
  readonly registration: Registration;
  /** Until an administrator sets it. */
  readonly roomCreation: RoomCreation;
  /** Origin of the public address, or null. */
  readonly publicUrl: string | null;
  /** Files of a certificate of one's own, or null. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  readonly name: string;
  /** null: the caller's choice. */
  readonly logLevel: string | null;
  readonly limits: Limits;
  /** Origins of push services that may be on a private address, another port or plain http. */
  readonly pushServices: readonly string[];
  /** Whether links are previewed, and the origins of sites that are wherever they are: the host's own. */
  readonly linkPreviews: { readonly on: boolean; readonly ownSites: readonly string[] };
  readonly fileLimits: FileLimits;
  /** Those of `DEFAULT_SYNC_LIMITS` that the host wants otherwise. */
  readonly syncLimits: Partial<SyncLimits>;
}

export const DEFAULT_LIMITS: Limits = {
  signInPerAddress: { times: 30, perMs: 10 * 60_000 },
  signInPerAccount: { times: 10, perMs: 10 * 60_000 },
  signUpPerAddress: { times: 60, perMs: 3_600_000 },
  requestsPerPerson: { times: 1_200, perMs: 60_000 },
  recoveryPerAddress: { times: 20, perMs: 3_600_000 },
  recoveryPerAccount: { times: 10, perMs: 3_600_000 },
  ceremoniesPerAddress: { times: 200, perMs: 10 * 60_000 },
  profileChangesPerPerson: { times: 60, perMs: 10 * 60_000 },
  avatarsPerPerson: { times: 60, perMs: 3_600_000 },
  devicesPerPerson: { times: 100, perMs: 24 * 3_600_000 },
  roomsPerPerson: { times: 200, perMs: 24 * 3_600_000 },
  previewsPerPerson: { times: 60, perMs: 10 * 60_000 }
};

export const DEFAULT_FILE_LIMITS: FileLimits = { maxBytes: 512 * 2 ** 20, quotaBytes: 5 * 2 ** 30, types: null };

const UNIT_BYTES: Record<string, number> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** `512M`: so many bytes. */
const bytes = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d{0,11}[KMGT]?$/, 'must be a number of bytes such as 512M or 5G'),
  v.transform((text) => Number.parseInt(text, 10) * UNIT_BYTES[/[KMGT]?$/.exec(text)![0]]!)
);
/** `image/*,application/pdf`. */
const mediaTypes = v.pipe(
  v.string(),
  v.regex(
    /^[a-z]+\/(?:\*|[a-z0-9.+-]+)(?: *, *[a-z]+\/(?:\*|[a-z0-9.+-]+))*$/,
    'must be media types such as image/*,application/pdf'
  ),
  v.transform((text) => text.split(/ *, */))
);

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** `30/10m`: thirty times in ten minutes. */
const rate = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d{0,9}\/[1-9]\d{0,4}[smh]$/, 'must be a rate such as 30/10m'),
  v.transform((text): Rate => {
    const [times, span] = text.split('/') as [string, string];
    return { times: Number(times), perMs: Number(span.slice(0, -1)) * UNIT_MS[span.at(-1)!]! };
  })
);
/** The same, as tokens that come back one by one. */
const steadyRate = v.pipe(
  rate,
  v.transform(({ times, perMs }) => ({ perSecond: (times / perMs) * 1_000, burst: times }))
);
const port = v.pipe(
  v.string(),
  v.regex(/^\d{1,5}$/, 'must be a number from 0 to 65535'),
  v.transform(Number),
  v.maxValue(65_535, 'must be a number from 0 to 65535')
);
const host = v.pipe(
  v.string(),
  v.check(
    (value) => isIP(value) !== 0 || /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/.test(value),
    'must be an address or a host name'
  )
);
const publicUrl = v.pipe(
  v.string(),
  v.check(isOrigin, 'must be an address such as https://chat.example.org, without a path'),
  v.transform((text) => new URL(text).origin)
);

const origins = v.pipe(
  v.string(),
  v.transform((text) => text.split(',').map((origin) => origin.trim())),
  v.check(
    (list) => list.every(isOrigin),
    'must be addresses such as https://push.example.org:8443, without a path, with commas between them'
  ),
  v.transform((list) => list.map((origin) => new URL(origin).origin))
);

const environment = v.object({
  PORT: v.optional(port),
  HOST: v.optional(host),
  ROOST_DATA_DIR: v.optional(v.string()),
  ROOST_REGISTRATION: v.optional(v.picklist(['open', 'invitation', 'closed'], 'must be open, invitation or closed')),
  ROOST_ROOM_CREATION: v.optional(v.picklist(['everyone', 'administrators'], 'must be everyone or administrators')),
  ROOST_URL: v.optional(publicUrl),
  ROOST_PUSH_SERVICES: v.optional(origins),
  ROOST_PREVIEWS: v.optional(v.picklist(['on', 'off'], 'must be on or off')),
  ROOST_PREVIEW_SITES: v.optional(origins),
  ROOST_TLS_CERT: v.optional(v.string()),
  ROOST_TLS_KEY: v.optional(v.string()),
  ROOST_NAME: v.optional(v.pipe(v.string(), v.maxLength(80, 'has at most 80 characters'))),
  ROOST_LOG: v.optional(
    v.picklist(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent')
  ),
  ROOST_FILE_MAX_BYTES: v.optional(bytes),
  ROOST_FILES_PER_PERSON: v.optional(bytes),
  ROOST_FILE_TYPES: v.optional(mediaTypes),
  ROOST_SIGN_IN_PER_ADDRESS: v.optional(rate),
  ROOST_SIGN_IN_PER_ACCOUNT: v.optional(rate),
  ROOST_SIGN_UP_PER_ADDRESS: v.optional(rate),
  ROOST_REQUESTS_PER_PERSON: v.optional(rate),
  ROOST_ROOMS_PER_PERSON: v.optional(rate),
  ROOST_RECOVERY_PER_ADDRESS: v.optional(rate),
  ROOST_RECOVERY_PER_ACCOUNT: v.optional(rate),
  ROOST_CEREMONIES_PER_ADDRESS: v.optional(rate),
  ROOST_PROFILE_CHANGES_PER_PERSON: v.optional(rate),
  ROOST_AVATARS_PER_PERSON: v.optional(rate),
  ROOST_DEVICES_PER_PERSON: v.optional(rate),
  ROOST_PREVIEWS_PER_PERSON: v.optional(rate),
  ROOST_UPDATES_PER_PERSON: v.optional(steadyRate),
  ROOST_OPENS_PER_PERSON: v.optional(steadyRate),
  ROOST_FRAMES_PER_PERSON: v.optional(steadyRate),
  ROOST_BYTES_PER_PERSON: v.optional(steadyRate),
  ROOST_PRESENCE_PER_PERSON: v.optional(steadyRate),
  ROOST_CONNECTIONS_PER_PERSON: v.optional(
    v.pipe(v.string(), v.regex(/^[1-9]\d{0,5}$/, 'must be a number from 1 to 999999'), v.transform(Number))
  )
});

/** Every variable there is. */
export const VARIABLES: readonly string[] = Object.keys(environment.entries);

export interface ConfigInput {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths start from, and that holds `build/`. */
  readonly root: string;
}

/** @throws ConfigError */
export function readConfig({ args, env, root }: ConfigInput): Config {
  for (const arg of args) {
    if (arg !== '--lan') throw new ConfigError(`There is no option ${arg}. The one there is: --lan`);
  }
  // An empty variable is one that is not set: that is how a compose file or a unit leaves it out.
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const result = v.safeParse(environment, set);
  if (!result.success) {
    const [issue] = result.issues;
    throw new ConfigError(`${v.getDotPath(issue)} ${issue.message}.`);
  }
  const given = result.output;
  if ((given.ROOST_TLS_CERT === undefined) !== (given.ROOST_TLS_KEY === undefined)) {
    throw new ConfigError('ROOST_TLS_CERT and ROOST_TLS_KEY belong together: set both or none.');
  }
  return {
    port: given.PORT ?? 3000,
    host: given.HOST ?? 'localhost',
    lan: args.includes('--lan'),
    dataDir: path.resolve(root, given.ROOST_DATA_DIR ?? 'data'),
    buildDir: path.join(root, 'build'),
    registration: given.ROOST_REGISTRATION ?? 'open',
    roomCreation: given.ROOST_ROOM_CREATION ?? 'everyone',
    publicUrl: given.ROOST_URL ?? null,
    tls:
      given.ROOST_TLS_CERT !== undefined && given.ROOST_TLS_KEY !== undefined
        ? { certFile: path.resolve(root, given.ROOST_TLS_CERT), keyFile: path.resolve(root, given.ROOST_TLS_KEY) }
        : null,
    name: given.ROOST_NAME ?? 'Roost',
    logLevel: given.ROOST_LOG ?? null,
    limits: {
      signInPerAddress: given.ROOST_SIGN_IN_PER_ADDRESS ?? DEFAULT_LIMITS.signInPerAddress,
      signInPerAccount: given.ROOST_SIGN_IN_PER_ACCOUNT ?? DEFAULT_LIMITS.signInPerAccount,
      signUpPerAddress: given.ROOST_SIGN_UP_PER_ADDRESS ?? DEFAULT_LIMITS.signUpPerAddress,
      requestsPerPerson: given.ROOST_REQUESTS_PER_PERSON ?? DEFAULT_LIMITS.requestsPerPerson,
      roomsPerPerson: given.ROOST_ROOMS_PER_PERSON ?? DEFAULT_LIMITS.roomsPerPerson,
      recoveryPerAddress: given.ROOST_RECOVERY_PER_ADDRESS ?? DEFAULT_LIMITS.recoveryPerAddress,
      recoveryPerAccount: given.ROOST_RECOVERY_PER_ACCOUNT ?? DEFAULT_LIMITS.recoveryPerAccount,
      ceremoniesPerAddress: given.ROOST_CEREMONIES_PER_ADDRESS ?? DEFAULT_LIMITS.ceremoniesPerAddress,
      profileChangesPerPerson: given.ROOST_PROFILE_CHANGES_PER_PERSON ?? DEFAULT_LIMITS.profileChangesPerPerson,
      avatarsPerPerson: given.ROOST_AVATARS_PER_PERSON ?? DEFAULT_LIMITS.avatarsPerPerson,
      devicesPerPerson: given.ROOST_DEVICES_PER_PERSON ?? DEFAULT_LIMITS.devicesPerPerson,
      previewsPerPerson: given.ROOST_PREVIEWS_PER_PERSON ?? DEFAULT_LIMITS.previewsPerPerson
    },
    pushServices: given.ROOST_PUSH_SERVICES ?? [],
    linkPreviews: { on: given.ROOST_PREVIEWS !== 'off', ownSites: given.ROOST_PREVIEW_SITES ?? [] },
    fileLimits: {
      maxBytes: given.ROOST_FILE_MAX_BYTES ?? DEFAULT_FILE_LIMITS.maxBytes,
      quotaBytes: given.ROOST_FILES_PER_PERSON ?? DEFAULT_FILE_LIMITS.quotaBytes,
      types: given.ROOST_FILE_TYPES ?? DEFAULT_FILE_LIMITS.types
    },
    syncLimits: {
      ...(given.ROOST_UPDATES_PER_PERSON && { updates: given.ROOST_UPDATES_PER_PERSON }),
      ...(given.ROOST_OPENS_PER_PERSON && { opens: given.ROOST_OPENS_PER_PERSON }),
      ...(given.ROOST_FRAMES_PER_PERSON && { frames: given.ROOST_FRAMES_PER_PERSON }),
      ...(given.ROOST_BYTES_PER_PERSON && { bytes: given.ROOST_BYTES_PER_PERSON }),
      ...(given.ROOST_PRESENCE_PER_PERSON && { presence: given.ROOST_PRESENCE_PER_PERSON }),
      ...(given.ROOST_CONNECTIONS_PER_PERSON && { connectionsPerUser: given.ROOST_CONNECTIONS_PER_PERSON })
    }
  };
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const plain = url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  return plain && (url.protocol === 'http:' || url.protocol === 'https:');
}
