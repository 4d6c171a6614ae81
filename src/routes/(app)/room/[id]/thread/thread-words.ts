// What is said of a thread, on its message and over it.

export const repliesWords = (replies: number): string =>
  replies === 0 ? 'No replies yet' : replies === 1 ? '1 reply' : `${replies.toLocaleString()} replies`;
