// A line of the log as a sentence: who did it and to what are markup in it, so that each language orders them.

import { m } from '#lib/words/generated/messages.js';

const WORDS = new Map(
  Object.entries({
    'user.add': m.admin_did_user_add,
    'user.suspend': m.admin_did_user_suspend,
    'user.resume': m.admin_did_user_resume,
    'user.reset': m.admin_did_user_reset,
    'user.make-admin': m.admin_did_user_make_admin,
    'user.unmake-admin': m.admin_did_user_unmake_admin,
    'user.delete': m.admin_did_user_delete,
    'user.password': m.admin_did_user_password,
    'user.token': m.admin_did_user_token,
    'room.add': m.admin_did_room_add,
    'room.import': m.admin_did_room_import,
    'room.delete': m.admin_did_room_delete,
    'invitation.revoke': m.admin_did_invitation_revoke,
    'report.settle': m.admin_did_report_settle,
    'settings.registration': m.admin_did_settings_registration,
    'settings.roomCreation': m.admin_did_settings_room_creation
  })
);

/** @returns undefined for an act of a newer server, which is shown as it is */
export const auditWords = (act: string) => WORDS.get(act);
