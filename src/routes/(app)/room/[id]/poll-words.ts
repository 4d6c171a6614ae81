// What a poll says of itself in words.

import type { PollView } from '#lib/model/message-acts.ts';
import { m } from '#lib/words/generated/messages.js';

const counted = (n: number) => ({ n, count: n.toLocaleString() });

export const pollWords = {
  votes: (count: number): string => (count === 0 ? m.poll_votes_none() : m.poll_votes(counted(count))),
  /** "Choose several · 3 people voted · names are not shown". */
  foot(poll: Pick<PollView, 'voters' | 'multiple' | 'anonymous' | 'closedBy'>): string {
    const { closedBy, voters } = poll;
    const how = closedBy ? m.poll_closed({ name: closedBy.name }) : poll.multiple ? m.poll_any() : m.poll_one();
    const nobody = closedBy ? m.poll_voted_nobody() : m.poll_voted_nobody_yet();
    const who = voters === 0 ? nobody : m.poll_voted(counted(voters));
    return [how, who, ...(poll.anonymous ? [m.poll_anonymous()] : [])].join(' · ');
  }
};
