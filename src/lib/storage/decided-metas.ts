// Where, among the loose values of a person's database, lies what they decided on this device and is nowhere else.
// Invariant: another generation of the server's data takes over all that is named here.

export const DECIDED_METAS = {
  filesKeepMost: 'filesKeepMost',
  filesFetched: 'filesFetched',
  filesWanted: 'wantedFiles',
  blocked: 'blocked',
  /** The keys that one compared, by person. */
  comparedKeys: 'keys/'
} as const;
