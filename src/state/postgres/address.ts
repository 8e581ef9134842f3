/** Where a PostgreSQL database is, and how its connections are protected. */
export interface PostgresAddress {
  /** A host name, an IP address, or the directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** `undefined`: the name of this process's user. */
  readonly user: string | undefined;
  readonly password: string | undefined;
  /**
   * - `none`: no TLS, only on this machine
   * - `require`: encrypted, the server's certificate is not checked
   * - `verify-ca`: its certificate comes from a trusted authority
   * - `verify-full`: and it names this host
   */
  readonly tls: "none" | "require" | "verify-ca" | "verify-full";
  /** A PEM file with the authorities to trust; `undefined`: those of Node.js. */
  readonly authorityFile: string | undefined;
}

interface Problem {
  readonly problem: string;
}

const example = "postgres://ragfood:<password>@db.example:5432/ragfood?sslmode=verify-full";
const defaultPort = 5_432;
const parameters = new Set(["sslmode", "sslrootcert", "host"]);
const protectedModes = ["require", "verify-ca", "verify-full"] as const;
/** libpq takes these as "encrypt if the server asks for it", which protects nothing. */
const openModes = ["disable", "allow", "prefer"];

/**
 * Reads a URL as libpq does (postgresql.org/docs/current/libpq-connect.html, 34.1.1.2), as far as it can be kept:
 * a parameter that is not known is refused and not ignored. Off this machine TLS is demanded (SEC-3).
 *
 * @returns the address, or what is wrong with it, as the end of a sentence that begins with the setting's name
 */
export function parsePostgresUrl(text: string): PostgresAddress | Problem {
  if (!URL.canParse(text) || !/^postgres(ql)?:\/\//i.test(text))
    return { problem: `has to be a URL like ${example}` };
  const url = new URL(text);
  const unknown = [...url.searchParams.keys()].find((name) => !parameters.has(name));
  if (unknown !== undefined)
    return { problem: `holds the parameter ${unknown}; known are sslmode, sslrootcert and host` };
  const decoded = attempt(() => ({
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    host: url.searchParams.get("host") ?? decodeURIComponent(url.hostname.replace(/^\[|\]$/g, "")),
  }));
  if (decoded === undefined) return { problem: "holds a % that begins no character: write a % as %25" };
  const { host, database } = decoded;
  if (host === "" || database === "")
    return { problem: `has to name a host and a database, like ${example}` };
  if (host.includes(",")) return { problem: "names several hosts: name the one that takes writes" };
  const tls = tlsOf(host, url.searchParams.get("sslmode") ?? undefined);
  if (typeof tls === "object") return tls;
  return {
    host,
    port: url.port === "" ? defaultPort : Number(url.port),
    database,
    user: decoded.user || undefined,
    password: decoded.password || undefined,
    tls,
    authorityFile: url.searchParams.get("sslrootcert") ?? undefined,
  };
}

/** The address for people and logs, without its password. */
export function describeAddress({ host, port, database, user }: PostgresAddress): string {
  const owner = user === undefined ? "" : `${user}@`;
  return `postgres://${owner}${host.includes(":") ? `[${host}]` : host}:${port}/${database}`;
}

function tlsOf(host: string, mode: string | undefined): PostgresAddress["tls"] | Problem {
  const known = protectedModes.find((each) => each === mode);
  if (known !== undefined) return known;
  if (mode !== undefined && !openModes.includes(mode))
    return {
      problem: `has sslmode=${mode}; for a server on another machine it is ${protectedModes.join(", ")}`,
    };
  if (isThisMachine(host)) return "none";
  return {
    problem: `would carry its password unencrypted to ${host}: add ?sslmode=verify-full, or sslmode=require for a server whose certificate cannot be checked`,
  };
}

function isThisMachine(host: string): boolean {
  return host.startsWith("/") || /^(localhost|127(\.\d+){3}|::1)$/i.test(host);
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
