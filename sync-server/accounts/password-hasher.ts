// argon2id with the parameters that OWASP's password storage sheet names first for 19 MiB (m=19456, t=2, p=1).
// Each hash takes 19 MiB and a core for tens of ms, so few run at once and the others wait their turn.

import { hash, verify } from '@node-rs/argon2';

export interface PasswordCost {
  readonly memoryKiB: number;
  readonly passes: number;
}

const PASSWORD_COST: PasswordCost = { memoryKiB: 19_456, passes: 2 };
const AT_ONCE = 2;

export class PasswordHasher {
  readonly #cost: PasswordCost;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #decoy: Promise<string> | null = null;

  constructor(cost: PasswordCost = PASSWORD_COST) {
    this.#cost = cost;
  }

  /** @returns the hash with its parameters and salt, in PHC form */
  hash(password: string): Promise<string> {
    // Algorithm 2 is argon2id; the package's enum exists at compile time only.
    const options = { algorithm: 2, memoryCost: this.#cost.memoryKiB, timeCost: this.#cost.passes, parallelism: 1 };
    return this.#inTurn(() => hash(prepared(password), options));
  }

  /** With `null`, for a name that is not there, it takes just as long and is false. */
  async verify(stored: string | null, password: string): Promise<boolean> {
    if (stored !== null) return this.#inTurn(() => verify(stored, prepared(password)));
    this.#decoy ??= this.hash('a password that nobody has');
    const decoy = await this.#decoy;
    await this.#inTurn(() => verify(decoy, prepared(password)));
    return false;
  }

  /** Makes the decoy ahead of time, so that the first unknown name takes no longer than the others. */
  async warmUp(): Promise<void> {
    await (this.#decoy ??= this.hash('a password that nobody has'));
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running >= AT_ONCE) await new Promise<void>((resume) => this.#waiting.push(resume));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}

/** The same password typed on another keyboard is the same bytes (NIST SP 800-63B §5.1.1.2). */
const prepared = (password: string): string => password.normalize('NFKC');
