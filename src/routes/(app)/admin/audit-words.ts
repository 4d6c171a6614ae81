// A line of the log as a sentence. An act of a newer server is shown as it is.

const WORDS: Record<string, (detail: string) => string> = {
  'user.add': (name) => `made an account for ${name}`,
  'user.suspend': (name) => `suspended ${name}`,
  'user.resume': (name) => `ended the suspension of ${name}`,
  'user.reset': (name) => `made a recovery link for ${name}`,
  'user.make-admin': (name) => `made ${name} an administrator`,
  'user.unmake-admin': (name) => `took administration from ${name}`,
  'user.delete': (name) => `deleted the account of ${name}`,
  'user.password': (name) => `set a new password for ${name}`,
  'user.token': (name) => `made a token for ${name}`,
  'room.add': (name) => `made the room ${name}`,
  'room.import': (name) => `imported messages into ${name}`,
  'room.delete': (name) => `deleted the room ${name}`,
  'invitation.revoke': (name) => `revoked an invitation to ${name}`,
  'report.settle': (whose) => `settled the report of ${whose}`,
  'settings.registration': (change) => `changed who may sign up: ${change}`,
  'settings.roomCreation': (change) => `changed who may make rooms: ${change}`
};

/** What follows the name of who did it. */
export function auditWords(act: string, detail: string): string {
  const words = WORDS[act];
  return words ? words(detail) : detail === '' ? act : `${act}: ${detail}`;
}
