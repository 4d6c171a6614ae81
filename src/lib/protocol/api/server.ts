// What the server says of itself to everybody.

/** How people may sign up: ROOST_REGISTRATION until an administrator sets it. */
export type Registration = 'open' | 'invitation' | 'closed';
/** Who may make public and private rooms; anybody writes to anybody. */
export type RoomCreation = 'everyone' | 'administrators';

/** GET /api/server, public. */
export interface ServerInfo {
  readonly name: string;
  readonly version: string;
  readonly protocol: number;
  readonly registration: Registration;
  /** True until the first account exists; it is made with the set-up link that the server prints. */
  readonly needsSetup: boolean;
  /** Whether whoever asks is signed in: a browser that has lost its data, but not its cookie, learns it so. */
  readonly signedIn: boolean;
  /** Whether only administrators make public and private rooms. */
  readonly roomCreation: RoomCreation;
  /** Whether links are previewed: ROOST_PREVIEWS. */
  readonly previews: boolean;
  /** The public address (ROOST_URL), or null: then the page's own origin is the address to invite to. */
  readonly url: string | null;
}
