// A public room that one may come into.

export interface DirectoryItem {
  readonly id: string;
  readonly name: string;
  readonly avatar: string | null;
  readonly topic: string;
  readonly members: number;
  readonly joined: boolean;
}
