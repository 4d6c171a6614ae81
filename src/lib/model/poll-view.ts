// A poll as people see it: the message's options with what the votes on them say. Pure.

import type { MessageEntry } from '#protocol/message-entries.ts';
import type { MessageEffects } from '#protocol/message-effects.ts';
import type { PersonView } from './person-view.ts';
import type { PollView } from './message-acts.ts';

interface Eyes {
  readonly me: string;
  readonly person: (id: string) => PersonView;
}

export function pollView(poll: NonNullable<MessageEntry['poll']>, effects: MessageEffects, eyes: Eyes): PollView {
  const { me, person } = eyes;
  const anonymous = poll.anonymous === true;
  const voters = effects.votes.length;
  return {
    multiple: poll.multiple === true,
    anonymous,
    options: poll.options.map((text, place) => {
      const chosen = effects.votes.filter(({ options }) => options.includes(place));
      return {
        text,
        votes: chosen.length,
        share: voters === 0 ? 0 : chosen.length / voters,
        own: chosen.some((vote) => vote.person === me),
        people: anonymous ? [] : chosen.map((vote) => person(vote.person))
      };
    }),
    voters,
    voted: effects.votes.some((vote) => vote.person === me),
    closedBy: effects.closed && person(effects.closed.author)
  };
}
