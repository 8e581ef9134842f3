import { statSync } from "node:fs";
import { SettingsError } from "../foundation/errors.ts";
import { readEnvironment } from "./environment.ts";
import { environmentPath } from "./environment-file.ts";
import { readSettings, type Settings } from "./settings.ts";

type UpstashSettings = NonNullable<Settings["upstash"]>;

export interface FollowOptions {
  /** Where `.env` is. Default: the working directory. */
  readonly directory?: string;
  /** Called when other tokens were read; whether they are accepted is known after the next request. */
  readonly onChange?: () => void;
  /** Called once for each `.env` that cannot be used; the earlier tokens stay in use. */
  readonly onFault?: (error: SettingsError) => void;
  /** Milliseconds between two checks of the file. Default 1,000. */
  readonly intervalMs?: number;
}

/**
 * The tokens of the moment: `.env` is read again when it has changed, so that a token can be rotated without a
 * restart. Variables of the process win over the file, as at the start. Settings that did not come from this
 * environment are left as they are.
 */
export class FollowedCredentials {
  readonly #file: string;
  readonly #options: FollowOptions;
  readonly #follows: boolean;
  #credentials: UpstashSettings;
  #stamp: string;
  #lookedAt = performance.now();
  #reported = "";

  constructor(credentials: UpstashSettings, options: FollowOptions = {}) {
    this.#credentials = credentials;
    this.#options = options;
    this.#file = environmentPath(options.directory);
    this.#stamp = stampOf(this.#file);
    this.#follows = isSame(
      this.#read(() => {}),
      credentials,
    );
  }

  /** One look at the file's time and size in a second, at most. */
  current(): UpstashSettings {
    const now = performance.now();
    if (now - this.#lookedAt >= (this.#options.intervalMs ?? 1_000)) {
      this.#lookedAt = now;
      const stamp = stampOf(this.#file);
      if (stamp !== this.#stamp) {
        this.#stamp = stamp;
        this.refresh();
      }
    }
    return this.#credentials;
  }

  /** Reads the file even if its time and size are unchanged: a change within one clock tick keeps both. */
  refresh(): void {
    if (!this.#follows) return;
    const read = this.#read((error) => this.#report(error));
    if (read === undefined) return;
    const isOther = !isSame(read, this.#credentials);
    this.#credentials = read;
    this.#reported = "";
    if (isOther) this.#options.onChange?.();
  }

  #read(onFault: (error: SettingsError) => void): UpstashSettings | undefined {
    try {
      const { upstash } = readSettings(readEnvironment(this.#options.directory));
      if (upstash === undefined) throw new SettingsError([`the tokens are gone from ${this.#file}`]);
      if (upstash.url !== this.#credentials.url) {
        throw new SettingsError(["UPSTASH_VECTOR_REST_URL has changed: another index needs a restart"]);
      }
      return upstash;
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      onFault(error);
      return undefined;
    }
  }

  #report(error: SettingsError): void {
    if (error.message === this.#reported) return;
    this.#reported = error.message;
    this.#options.onFault?.(error);
  }
}

function isSame(one: UpstashSettings | undefined, other: UpstashSettings): boolean {
  return one?.token === other.token && one.readOnlyToken === other.readOnlyToken;
}

/** What changes when the file does. */
function stampOf(file: string): string {
  try {
    const { ino, mtimeMs, size } = statSync(file);
    return `${ino} ${mtimeMs} ${size}`;
  } catch {
    return "none";
  }
}
