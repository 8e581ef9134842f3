/** The tokens of an index. */
export interface Credentials {
  readonly token: string;
  /** Used for reads. Without it the full token is used for everything. */
  readonly readOnlyToken?: string | undefined;
}

/** Supplies the current tokens, which may change while the process runs. */
export interface CredentialsProvider {
  /** Called for each request; must be cheap. */
  current(): Credentials;
  /** Reloads the tokens at once, because the service refused the current one. */
  refresh?(): void;
}

/** A source whose tokens never change. */
export function fixedCredentials(credentials: Credentials): CredentialsProvider {
  return { current: () => credentials };
}

/** One of the tokens. */
export interface Token {
  readonly value: string;
  /** Name of the setting. */
  readonly name: string;
}

/** The token with the fewest rights that is enough. A prefix `Bearer `, as in curl examples, is dropped. */
export function tokenFor(access: "read" | "write", { token, readOnlyToken }: Credentials): Token {
  const isReadOnly = access === "read" && readOnlyToken !== undefined;
  return {
    value: (isReadOnly ? readOnlyToken : token).replace(/^Bearer\s+/i, ""),
    name: isReadOnly ? "UPSTASH_VECTOR_REST_READONLY_TOKEN" : "UPSTASH_VECTOR_REST_TOKEN",
  };
}
