import { createHash, randomBytes } from "node:crypto";
import { UsageError } from "../foundation/errors.ts";
import type { StateDatabase, StateSession } from "./database.ts";

export const keyTables = `
  CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    namespaces TEXT,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
  );
  CREATE TABLE api_key_secrets (
    hash TEXT PRIMARY KEY,
    key_id TEXT NOT NULL REFERENCES api_keys (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT
  );
  CREATE INDEX api_key_secrets_by_key ON api_key_secrets (key_id);
`;

export const keyScopes = ["read", "write", "operate"] as const;
export type KeyScope = (typeof keyScopes)[number];

export interface NewApiKey {
  /** For people: 1 to 100 characters. */
  readonly name: string;
  /** At least one; none includes another. */
  readonly scopes: readonly KeyScope[];
  /** The namespaces that the key is bound to, `""` for the default one; `undefined`: all (SEC-6). */
  readonly namespaces: readonly string[] | undefined;
}

/** A key of the API, without its secret. Times are milliseconds since 1970 by the store's clock. */
export interface ApiKey extends NewApiKey {
  /** 12 hexadecimal digits; also in the token. Rotation keeps it. */
  readonly id: string;
  readonly createdAt: number;
  /** To the minute. */
  readonly lastUsedAt: number | undefined;
  readonly revokedAt: number | undefined;
  /** When the newest secret was made: at creation, or at the last rotation. */
  readonly rotatedAt: number;
  /** Until when an earlier secret is accepted too; `undefined`: only the newest is. */
  readonly overlapEndsAt: number | undefined;
}

/** A key with its token, `ragfood_<id>_<secret>`: shown once, and not kept. */
export interface IssuedKey {
  readonly key: ApiKey;
  readonly token: string;
}

/** What a token is worth. `unknown`: no such key, or not its secret. `expired`: a secret before the last rotation. */
export type KeyVerification =
  | { readonly status: "valid"; readonly key: ApiKey }
  | { readonly status: "unknown" | "revoked" | "expired" };

const secretBytes = 32;
const longestName = 100;
/** `lastUsedAt` is written at most once in this many milliseconds. */
const useResolutionMs = 60_000;
const tokenPattern = /^ragfood_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;

/**
 * The keys of the API, which every replica sees at once.
 *
 * Only the SHA-256 of a token is kept. A slow hash, as passwords need, would add nothing: a token has 256 random bits,
 * too many to try, and each request has to check one.
 */
export class KeyRepository {
  readonly #state: StateDatabase;

  constructor(state: StateDatabase) {
    this.#state = state;
  }

  /** @throws {UsageError} for a name or scopes that are not allowed @throws {StateError} */
  async create(key: NewApiKey): Promise<IssuedKey> {
    const { name, scopes, namespaces } = checked(key);
    const id = randomBytes(6).toString("hex");
    const token = newToken(id);
    const created = await this.#state.transaction(async (session) => {
      const now = await session.now();
      await session.run(
        "INSERT INTO api_keys (id, name, scopes, namespaces, created_at) VALUES (?, ?, ?, ?, ?)",
        id,
        name,
        scopes.join(","),
        namespaces === undefined ? null : JSON.stringify(namespaces),
        now,
      );
      await addSecret(session, id, token, now);
      return readKey(session, id);
    });
    return { key: created, token };
  }

  /** All keys, also revoked ones; the oldest first. @throws {StateError} */
  async list(): Promise<ApiKey[]> {
    const keys = await this.#state.transaction(
      async (session) => {
        const rows = await session.all<KeyRow>("SELECT * FROM api_keys");
        const secrets = await session.all<SecretRow>("SELECT * FROM api_key_secrets");
        const now = await session.now();
        return rows.map((row) => keyOf(row, secrets, now));
      },
      { readOnly: true },
    );
    return keys.sort((left, right) => left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1));
  }

  /**
   * Looks up the key of a token, and notes that it was used. Takes one read of the state; a caller that keeps the
   * answer for some seconds accepts a revoked key for as long.
   *
   * @throws {StateError}
   */
  async verify(token: string): Promise<KeyVerification> {
    const id = tokenPattern.exec(token)?.[1];
    if (id === undefined) return { status: "unknown" };
    const { found, now } = await this.#state.transaction(
      async (session) => ({
        found: await session
          .get<SecretRow>("SELECT * FROM api_key_secrets WHERE hash = ? AND key_id = ?", hashOf(token), id)
          .then(async (secret) => secret && { secret, key: await readKey(session, id) }),
        now: await session.now(),
      }),
      { readOnly: true },
    );
    if (found === undefined) return { status: "unknown" };
    const { secret, key } = found;
    if (key.revokedAt !== undefined) return { status: "revoked" };
    if (secret.expires_at !== null && secret.expires_at <= now) return { status: "expired" };
    if (now - (key.lastUsedAt ?? 0) >= useResolutionMs) this.#noteUse(id, now);
    return { status: "valid", key };
  }

  /**
   * Gives a key a new secret. The present ones are accepted until the overlap ends, so that clients can change over.
   *
   * @param overlapMs milliseconds; 0 ends the present secrets at once
   * @throws {UsageError} if there is no such key, or it was revoked
   * @throws {StateError}
   */
  async rotate(id: string, overlapMs: number): Promise<IssuedKey> {
    const token = newToken(id);
    const key = await this.#state.transaction(async (session) => {
      const { revokedAt } = await requireKey(session, id);
      if (revokedAt !== undefined) {
        throw new UsageError(`The key ${id} was revoked and cannot be rotated.`, {
          hint: "Create a new one: ragfood keys create <name>",
        });
      }
      const now = await session.now();
      await session.run("DELETE FROM api_key_secrets WHERE key_id = ? AND expires_at <= ?", id, now);
      await session.run(
        "UPDATE api_key_secrets SET expires_at = ? WHERE key_id = ? AND (expires_at IS NULL OR expires_at > ?)",
        now + overlapMs,
        id,
        now + overlapMs,
      );
      await addSecret(session, id, token, now);
      return readKey(session, id);
    });
    return { key, token };
  }

  /**
   * From now on no token of the key is accepted. Revoking it again changes nothing.
   * @throws {UsageError} if there is no such key
   * @throws {StateError}
   */
  revoke(id: string): Promise<ApiKey> {
    return this.#state.transaction(async (session) => {
      await requireKey(session, id);
      await session.run(
        "UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
        await session.now(),
        id,
      );
      return readKey(session, id);
    });
  }

  /** In the background: a request does not wait for it, and does not fail with it. */
  #noteUse(id: string, now: number): void {
    this.#state
      .transaction((session) =>
        session.run(
          "UPDATE api_keys SET last_used_at = ? WHERE id = ? AND (last_used_at IS NULL OR last_used_at < ?)",
          now,
          id,
          now,
        ),
      )
      .catch(() => {});
  }
}

interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly scopes: string;
  readonly namespaces: string | null;
  readonly created_at: number;
  readonly last_used_at: number | null;
  readonly revoked_at: number | null;
}

interface SecretRow {
  readonly key_id: string;
  readonly created_at: number;
  readonly expires_at: number | null;
}

function newToken(id: string): string {
  return `ragfood_${id}_${randomBytes(secretBytes).toString("base64url")}`;
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** @throws {UsageError} */
function checked({ name, scopes, namespaces }: NewApiKey): NewApiKey {
  const trimmed = name.trim();
  if (trimmed === "" || trimmed.length > longestName) {
    throw new UsageError(`The name of a key has 1 to ${longestName} characters.`);
  }
  if (scopes.length === 0 || scopes.some((scope) => !keyScopes.includes(scope))) {
    throw new UsageError(`A key has at least one of the scopes ${keyScopes.join(", ")}.`);
  }
  if (namespaces?.length === 0) {
    throw new UsageError("A key that is bound to namespaces needs at least one of them.");
  }
  return { name: trimmed, scopes: [...new Set(scopes)], namespaces: namespaces && [...new Set(namespaces)] };
}

async function addSecret(session: StateSession, id: string, token: string, now: number): Promise<void> {
  await session.run(
    "INSERT INTO api_key_secrets (hash, key_id, created_at) VALUES (?, ?, ?)",
    hashOf(token),
    id,
    now,
  );
}

async function readKey(session: StateSession, id: string): Promise<ApiKey> {
  return (await findKey(session, id)) as ApiKey;
}

/** @throws {UsageError} */
async function requireKey(session: StateSession, id: string): Promise<ApiKey> {
  const key = await findKey(session, id);
  if (key !== undefined) return key;
  throw new UsageError(`No key has the id ${id}.`, { hint: "List the keys: ragfood keys list" });
}

async function findKey(session: StateSession, id: string): Promise<ApiKey | undefined> {
  const row = await session.get<KeyRow>("SELECT * FROM api_keys WHERE id = ?", id);
  if (row === undefined) return undefined;
  const secrets = await session.all<SecretRow>("SELECT * FROM api_key_secrets WHERE key_id = ?", id);
  return keyOf(row, secrets, await session.now());
}

function keyOf(row: KeyRow, all: readonly SecretRow[], now: number): ApiKey {
  const secrets = all.filter(({ key_id }) => key_id === row.id);
  const overlaps = secrets.flatMap(({ expires_at: end }) => (end !== null && end > now ? [end] : []));
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes.split(",") as KeyScope[],
    namespaces: row.namespaces === null ? undefined : JSON.parse(row.namespaces),
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
    rotatedAt: Math.max(...secrets.map(({ created_at }) => created_at)),
    overlapEndsAt: overlaps.length === 0 ? undefined : Math.max(...overlaps),
  };
}
