import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { StorageError } from "../foundation/errors.ts";

/** The pages that `npm run build` makes of `web/`; `missing` is for addresses without one. */
export type PageName = "ask" | "dashboard" | "data" | "missing";

interface PageFile {
  readonly body: Buffer;
  readonly gzipped: Buffer;
  readonly type: string;
  readonly tag: string;
  /** Whether its name carries a hash of its content. */
  readonly isImmutable: boolean;
}

/** The parts of a request that decide the answer. Header names are in lower case. */
export interface PageRequest {
  readonly method: string;
  /** The path of the URL without its query string. */
  readonly path: string;
  readonly headers: { readonly "if-none-match"?: string | undefined; readonly "accept-encoding"?: unknown };
}

export interface PageAnswer {
  readonly status: 200 | 304;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * What a page may do: load scripts, styles and images of its own origin, and call it. Nothing inline runs, no page
 * may frame it, and no code may turn text into markup (Trusted Types).
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** The headers of every file of a page. */
const pageHeaders: Readonly<Record<string, string>> = {
  "Content-Security-Policy": contentSecurityPolicy,
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** `dist/web`, as seen from `src/pages` and from `dist/pages`. */
const builtPages = fileURLToPath(new URL("../../dist/web", import.meta.url));

/** The built pages in memory (about 200 KB), by the path at which they are served; a new build replaces them. */
export class PageFiles {
  readonly #files: Map<string, PageFile> = new Map();
  readonly #addresses: Partial<Record<PageName, string>>;
  readonly #directory: string;
  /** Of the pages that were read last. */
  #builtAt = 0;

  /**
   * @param addresses the path of each page to serve, such as `{ data: "/data" }`; their scripts and styles are served
   * under `/assets/`
   * @param directory the result of the build
   * @throws {StorageError} if the pages are not built
   */
  constructor(addresses: Partial<Record<PageName, string>>, directory: string = builtPages) {
    this.#addresses = addresses;
    this.#directory = directory;
    try {
      this.#read();
    } catch (cause) {
      throw new StorageError(directory, `The pages are not built: ${directory} does not have them all.`, {
        cause,
        hint: "Run npm run build in the checkout, or install the package again.",
      });
    }
  }

  /** Assets of an earlier build stay, because open tabs ask for them. */
  #read(): void {
    this.#builtAt = this.#changedAt();
    for (const name of readdirSync(join(this.#directory, "assets"))) {
      this.#files.set(`/assets/${name}`, readPageFile(join(this.#directory, "assets", name), true));
    }
    for (const [page, address] of Object.entries(this.#addresses)) {
      this.#files.set(address, readPageFile(join(this.#directory, `${page}.html`), false));
    }
  }

  #changedAt(): number {
    const pages = Object.keys(this.#addresses).map((page) => `${page}.html`);
    return Math.max(...["assets", ...pages].map((name) => statSync(join(this.#directory, name)).mtimeMs));
  }

  /** Pages that were built again meanwhile are read again; while a build runs, the former ones are served. */
  #renew(): void {
    try {
      if (this.#changedAt() !== this.#builtAt) this.#read();
    } catch {
      this.#builtAt = 0;
    }
  }

  /** The answer to a request for a file of the pages; `undefined` if it is for something else. */
  answer({ method, path, headers }: PageRequest): PageAnswer | undefined {
    const file = method === "GET" || method === "HEAD" ? this.#files.get(path) : undefined;
    if (file === undefined) return undefined;
    if (!file.isImmutable) this.#renew();
    return answerWith(this.#files.get(path) ?? file, method, headers);
  }
}

function answerWith(file: PageFile, method: string, headers: PageRequest["headers"]): PageAnswer {
  const acceptsGzip = /\bgzip\b/.test(String(headers["accept-encoding"] ?? ""));
  const body = acceptsGzip ? file.gzipped : file.body;
  const common = {
    ...pageHeaders,
    ETag: file.tag,
    Vary: "Accept-Encoding",
    "Cache-Control": file.isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
  };
  if (headers["if-none-match"] === file.tag) return { status: 304, headers: common, body: undefined };
  return {
    status: 200,
    headers: {
      ...common,
      "Content-Type": file.type,
      "Content-Length": String(body.byteLength),
      ...(acceptsGzip && { "Content-Encoding": "gzip" }),
    },
    body: method === "HEAD" ? undefined : body,
  };
}

function readPageFile(file: string, isImmutable: boolean): PageFile {
  const body = readFileSync(file);
  return {
    body,
    gzipped: gzipSync(body),
    type: types[extname(file)] ?? "application/octet-stream",
    tag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`,
    isImmutable,
  };
}
