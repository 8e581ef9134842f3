import { createHash } from "node:crypto";
import { orLate } from "../foundation/or-late.ts";
import type { KeyRepository, KeyVerification } from "../state/keys.ts";
import { StateError } from "../state/state-error.ts";

/** Looks up the keys of tokens. */
export interface KeyVerifier {
  /** @throws {StateError} if the state cannot be read, and the token was not seen lately */
  verify(token: string): Promise<KeyVerification>;
}

/** Milliseconds after which a key is looked up again: as long a revoked key still works in another replica. */
const freshMs = 2_000;

/** Milliseconds for which a valid key is accepted while the state database cannot be reached. */
const staleMs = 300_000;

/** Milliseconds that a request with a known key waits for the database. */
const patienceMs = 250;

/** Milliseconds in which a failed look-up of a known key is not repeated. */
const retryMs = 1_000;

/** Tokens that are remembered. */
const mostTokens = 10_000;

interface Remembered {
  readonly verification: KeyVerification;
  readonly at: number;
}

/**
 * Remembers keys for a moment, so that a request seldom waits for the database, and valid ones for some minutes while it
 * cannot be reached. Only hashes of tokens are kept in memory.
 */
export class CachedKeys implements KeyVerifier {
  readonly #keys: Pick<KeyRepository, "verify">;
  readonly #now: () => number;
  readonly #remembered = new Map<string, Remembered>();
  readonly #running = new Map<string, Promise<KeyVerification>>();
  #failedAt = Number.NEGATIVE_INFINITY;

  /** @param now a monotonic clock in milliseconds */
  constructor(keys: Pick<KeyRepository, "verify">, now: () => number = () => performance.now()) {
    this.#keys = keys;
    this.#now = now;
  }

  async verify(token: string): Promise<KeyVerification> {
    const hash = hashOf(token);
    const known = this.#remembered.get(hash);
    const age = known === undefined ? Number.POSITIVE_INFINITY : this.#now() - known.at;
    if (known && age < freshMs) return known.verification;
    if (known?.verification.status !== "valid" || age >= staleMs) return await this.#lookOnce(token, hash);
    if (this.#now() - this.#failedAt < retryMs) return known.verification;
    return await lookOrKeep(this.#lookOnce(token, hash), known.verification);
  }

  #lookOnce(token: string, hash: string): Promise<KeyVerification> {
    let running = this.#running.get(hash);
    if (running === undefined) {
      running = this.#look(token, hash).finally(() => this.#running.delete(hash));
      // Its waiter may have gone on without it.
      running.catch(() => {
        this.#failedAt = this.#now();
      });
      this.#running.set(hash, running);
    }
    return running;
  }

  async #look(token: string, hash: string): Promise<KeyVerification> {
    const verification = await this.#keys.verify(token);
    this.#remembered.delete(hash);
    this.#remembered.set(hash, { verification, at: this.#now() });
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= mostTokens) break;
      this.#remembered.delete(oldest);
    }
    return verification;
  }
}

/** The result of a look-up, or what is known if the database fails or is slow. */
async function lookOrKeep(look: Promise<KeyVerification>, known: KeyVerification): Promise<KeyVerification> {
  try {
    return await orLate(look, patienceMs, known);
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return known;
  }
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}
