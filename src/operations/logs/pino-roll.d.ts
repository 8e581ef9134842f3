declare module "pino-roll" {
  import type { EventEmitter } from "node:events";

  interface RollOptions {
    readonly file: string;
    readonly size?: string;
    readonly limit?: { readonly count: number; readonly removeOtherLogFiles?: boolean };
    /** Bytes that may wait to be written. */
    readonly maxLength?: number;
    /** Rights of the files: `0o600`. */
    readonly mode?: number;
  }

  interface RollingStream extends EventEmitter {
    write(line: string): boolean;
    end(): void;
  }

  export default function build(options: RollOptions): Promise<RollingStream>;
}
