/** The tokens of an index. */
export interface Credentials {
  readonly token: string;
  /** Serves what reads; without one the full token serves everything. */
  readonly readOnlyToken?: string | undefined;
}

/** Knows the tokens of the moment: they may change while the process runs. */
export interface CredentialsProvider {
  /** Asked for each request; must be cheap. */
  current(): Credentials;
  /** Looks for other tokens at once, because the service has refused the current one. */
  refresh?(): void;
}

/** The tokens that never change. */
export function fixedCredentials(credentials: Credentials): CredentialsProvider {
  return { current: () => credentials };
}

/** One of the tokens. */
export interface Token {
  readonly value: string;
  /** What it is called where it is set. */
  readonly name: string;
}

/** The least of the tokens that will do. `Bearer ` before it, as curl examples show it, is dropped. */
export function tokenFor(access: "read" | "write", { token, readOnlyToken }: Credentials): Token {
  const isReadOnly = access === "read" && readOnlyToken !== undefined;
  return {
    value: (isReadOnly ? readOnlyToken : token).replace(/^Bearer\s+/i, ""),
    name: isReadOnly ? "UPSTASH_VECTOR_REST_READONLY_TOKEN" : "UPSTASH_VECTOR_REST_TOKEN",
  };
}
