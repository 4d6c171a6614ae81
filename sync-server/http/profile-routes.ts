// What others see of a person, and the pictures of people and rooms.

import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import type { AvatarStored, ProfileChange, UserInfo } from '#protocol/api/profile.ts';
import { isAvatarId } from '#protocol/ids.ts';
import { AVATAR_MAX_BYTES, DISPLAY_NAME_MAX_CHARS, STATUS_MAX_CHARS } from '#protocol/limits.ts';
import { userInfoOf } from '../accounts/account.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { Avatars } from '../accounts/avatars.ts';
import { RateLimit } from '../accounts/rate-limit.ts';
import { isMisleading, readName } from '../accounts/user-name.ts';
import type { Limits } from '../config.ts';
import type { Authentication } from './authentication.ts';
import { ApiProblem } from './problem.ts';
import { readBody } from './request-body.ts';
import { takeAttempt } from './take-attempt.ts';

export interface ProfileRoutesDeps {
  readonly accounts: Accounts;
  readonly avatars: Avatars;
  readonly authentication: Authentication;
  readonly limits: Limits;
  /** Epoch ms. */
  readonly now: () => number;
}

const profileBody = v.strictObject({
  displayName: v.optional(v.string()),
  avatar: v.optional(
    v.nullable(
      v.pipe(
        v.string(),
        v.check((id) => isAvatarId(id))
      )
    )
  ),
  status: v.optional(v.string()),
  colour: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(12))))
});

export function addProfileRoutes(app: FastifyInstance, deps: ProfileRoutesDeps): void {
  const { accounts, avatars, authentication, limits, now } = deps;
  // Everybody who is connected hears of each change.
  const changes = new RateLimit(limits.profileChangesPerPerson, now);
  const uploads = new RateLimit(limits.avatarsPerPerson, now);
  app.addContentTypeParser('image/webp', { parseAs: 'buffer', bodyLimit: AVATAR_MAX_BYTES }, (_request, body, done) =>
    done(null, body)
  );

  app.patch('/api/profile', async (request, reply): Promise<UserInfo> => {
    const { user } = await authentication.requireSession(request, reply);
    const change = checkedChange(readBody(request, profileBody));
    takeAttempt(changes, user.id);
    const set = () => accounts.setProfile(user.id, change);
    const account = typeof change.avatar === 'string' ? await avatars.show(change.avatar, set) : await set();
    if (account === 'absent')
      throw new ApiProblem('avatar-invalid', 'This picture is not here any more. Choose it again.');
    if (!account) throw new ApiProblem('signed-out', 'Sign in first.');
    void reply.header('cache-control', 'no-store');
    return userInfoOf(account);
  });

  app.post('/api/avatars', async (request, reply): Promise<AvatarStored> => {
    const { user } = await authentication.requireSession(request, reply);
    if (!Buffer.isBuffer(request.body)) throw new ApiProblem('avatar-invalid', 'A picture is sent as image/webp.');
    takeAttempt(uploads, user.id);
    const outcome = await avatars.store(user.id, request.body);
    if (!outcome.ok) throw new ApiProblem('avatar-invalid', outcome.detail);
    void reply.code(201).header('cache-control', 'no-store');
    return { id: outcome.id };
  });

  app.get<{ Params: { id: string } }>('/api/avatars/:id', async (request, reply) => {
    await authentication.requireSession(request, reply);
    const { id } = request.params;
    const picture = isAvatarId(id) ? await avatars.read(id) : null;
    if (!picture) throw new ApiProblem('not-found', 'There is no such picture.');
    return reply
      .type('image/webp')
      .header('cache-control', 'private, max-age=31536000, immutable')
      .header('x-content-type-options', 'nosniff')
      .header('content-security-policy', "default-src 'none'; sandbox")
      .header('content-disposition', 'attachment; filename="picture.webp"')
      .send(Buffer.from(picture));
  });
}

/** @throws ApiProblem 'name-invalid', 'bad-request' */
function checkedChange(body: v.InferOutput<typeof profileBody>): ProfileChange {
  const { displayName, avatar, status, colour } = body;
  return {
    ...(displayName !== undefined && { displayName: checkedName(displayName) }),
    ...(status !== undefined && { status: checkedStatus(status) }),
    ...(avatar !== undefined && { avatar }),
    ...(colour !== undefined && { colour })
  };
}

function checkedName(name: string): string {
  if (name.trim() === '') return '';
  const read = readName(name, DISPLAY_NAME_MAX_CHARS);
  if (!read.ok) throw new ApiProblem('name-invalid', read.reason);
  return read.name;
}

function checkedStatus(status: string): string {
  const text = status.normalize('NFC').trim();
  if (text.length > STATUS_MAX_CHARS) {
    throw new ApiProblem('bad-request', `A status has at most ${STATUS_MAX_CHARS} characters.`);
  }
  if (isMisleading(text)) throw new ApiProblem('bad-request', 'A status is one line, without invisible characters.');
  return text;
}
