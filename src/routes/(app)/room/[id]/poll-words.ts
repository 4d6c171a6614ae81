// What a poll says of itself in words.

import type { PollView } from '#lib/model/message-acts.ts';

const counted = (count: number, one: string, many: string): string =>
  `${count.toLocaleString()} ${count === 1 ? one : many}`;

export const pollWords = {
  votes: (count: number): string => (count === 0 ? 'no votes' : counted(count, 'vote', 'votes')),
  /** "Choose several · 3 people voted · names are not shown". */
  foot(poll: Pick<PollView, 'voters' | 'multiple' | 'anonymous' | 'closedBy'>): string {
    const how = poll.closedBy ? `Closed by ${poll.closedBy.name}` : poll.multiple ? 'Choose any' : 'Choose one';
    const who = poll.voters === 0 ? 'nobody voted yet' : `${counted(poll.voters, 'person', 'people')} voted`;
    const nobody = poll.closedBy && poll.voters === 0 ? 'nobody voted' : who;
    return [how, nobody, ...(poll.anonymous ? ['names are not shown'] : [])].join(' · ');
  }
};
