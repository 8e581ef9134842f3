import { createHash } from "node:crypto";
import type { KeyRepository, KeyVerification } from "../state/keys.ts";
import { StateError } from "../state/state-error.ts";

/** Looks up the keys of tokens. */
export interface KeyVerifier {
  /** @throws {StateError} if the state cannot be read, and the token was not seen lately */
  verify(token: string): Promise<KeyVerification>;
  /** Whether the token was valid when it was looked up last. */
  remembers(token: string): boolean;
}

/** Milliseconds after which a key is looked up again: as long a revoked key still works in another replica. */
const freshMs = 2_000;

/** Milliseconds for which a valid key is accepted while the state database cannot be reached. */
const staleMs = 300_000;

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

  /** @param now a monotonic clock in milliseconds */
  constructor(keys: Pick<KeyRepository, "verify">, now: () => number = () => performance.now()) {
    this.#keys = keys;
    this.#now = now;
  }

  async verify(token: string): Promise<KeyVerification> {
    const hash = hashOf(token);
    const known = this.#remembered.get(hash);
    if (known && this.#now() - known.at < freshMs) return known.verification;
    let running = this.#running.get(hash);
    if (running === undefined) {
      running = this.#look(token, hash).finally(() => this.#running.delete(hash));
      this.#running.set(hash, running);
    }
    try {
      return await running;
    } catch (error) {
      const isKnown = known?.verification.status === "valid" && this.#now() - known.at < staleMs;
      if (isKnown && error instanceof StateError) return known.verification;
      throw error;
    }
  }

  remembers(token: string): boolean {
    return this.#remembered.get(hashOf(token))?.verification.status === "valid";
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

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}
