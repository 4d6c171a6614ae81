// A person as they are shown.

export interface PersonView {
  readonly id: string;
  readonly name: string;
  /** Imported authors have no account. */
  readonly imported: boolean;
  /** 1–12: which author colour. */
  readonly colour: number;
  /** One or two letters; one character for Han and Kana. */
  readonly initials: string;
  /** The name one signs in with; '' while not known, and of imported authors. */
  readonly userName: string;
  /** Address of their picture, or null. */
  readonly avatar: string | null;
  readonly status: string;
  /** The account is gone. */
  readonly deleted: boolean;
  /** The server was asked and knows nobody by this id. */
  readonly absent: boolean;
  /** By this person: their messages fold away. */
  readonly blocked: boolean;
}
