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

/** The least of the tokens that will do. `Bearer ` before it, as curl examples show it, is dropped. */
export function tokenFor(access: "read" | "write", { token, readOnlyToken }: Credentials): string {
  return (access === "read" ? (readOnlyToken ?? token) : token).replace(/^Bearer\s+/i, "");
}
