import { isDeepStrictEqual } from "node:util";

/** The content of a record; `undefined` if it does not exist. */
export type Content =
  | { readonly text: string; readonly metadata: Readonly<Record<string, unknown>> }
  | undefined;

/** A record as a store gives it. */
interface Found {
  readonly id: string;
  readonly text?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

interface Version {
  /** The writes of a record count from 0. */
  readonly number: number;
  readonly content: Content;
  readonly invokedAt: number;
  /** When a later version was acknowledged. Reads that start afterwards must not return this one. */
  replacedAt: number;
}

interface Entry {
  readonly namespace: string;
  readonly id: string;
  /** What may be read, oldest first; the last is what was written last. */
  versions: Version[];
  /** What a read has seen: one that begins later may see nothing older. */
  seen: { readonly number: number; readonly at: number };
  isUnknown: boolean;
}

/** A write in flight. Exactly one of its methods must be called. */
export interface PendingWrite {
  /** It was carried out. */
  acknowledge(): void;
  /** It waits on disk, and will be carried out after those before it. */
  queue(): void;
  /** It failed; it is unknown whether the index executed it. */
  fail(): void;
}

/** A read in flight. The results it may return depend on its start and end. */
export interface Read {
  readonly start: number;
  end: number;
}

/**
 * What a store may answer at any moment (linearizability, a record at a time): each record has one writer, which
 * waits for the end of a write before the next. Time is a counter, so that no two events have the same.
 */
export class Model {
  readonly #entries = new Map<string, Entry>();
  readonly #reads = new Set<Read>();
  #time = 0;

  /** Every record that was ever written, with what it holds by the last write. */
  *records(): Generator<{ namespace: string; id: string; content: Content }> {
    for (const { namespace, id, versions } of this.#entries.values()) {
      yield { namespace, id, content: versions.at(-1)?.content };
    }
  }

  /** The state after the last write; `"unknown"` after a failed one. */
  latest(namespace: string, id: string): Content | "unknown" {
    const entry = this.#entry(namespace, id);
    return entry.isUnknown ? "unknown" : entry.versions.at(-1)?.content;
  }

  write(namespace: string, id: string, content: Content): PendingWrite {
    const entry = this.#entry(namespace, id);
    const number = (entry.versions.at(-1)?.number ?? 0) + 1;
    entry.versions.push({ number, content, invokedAt: ++this.#time, replacedAt: Number.POSITIVE_INFINITY });
    const settle = (isUnknown: boolean) => {
      entry.isUnknown = isUnknown;
    };
    return {
      acknowledge: () => {
        settle(false);
        const now = ++this.#time;
        for (const version of entry.versions) {
          if (version.number < number) version.replacedAt = Math.min(version.replacedAt, now);
        }
        const oldestRead = Math.min(now, ...[...this.#reads].map(({ start }) => start));
        entry.versions = entry.versions.filter(({ replacedAt }) => replacedAt >= oldestRead);
      },
      queue: () => settle(false),
      fail: () => settle(true),
    };
  }

  #entry(namespace: string, id: string): Entry {
    const key = JSON.stringify([namespace, id]);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      const nothing = { number: 0, content: undefined, invokedAt: 0, replacedAt: Number.POSITIVE_INFINITY };
      const seen = { number: 0, at: Number.POSITIVE_INFINITY };
      entry = { namespace, id, versions: [nothing], seen, isUnknown: false };
      this.#entries.set(key, entry);
    }
    return entry;
  }

  startRead(): Read {
    const read = { start: ++this.#time, end: Number.POSITIVE_INFINITY };
    this.#reads.add(read);
    return read;
  }

  /** To be called when the answer is there, before it is checked. */
  answered(read: Read): void {
    read.end = ++this.#time;
  }

  /** To be called when the answer was checked. */
  endRead(read: Read): void {
    this.#reads.delete(read);
  }

  /** The problem with this answer for a record; `undefined` if it is correct. */
  problem(read: Read, namespace: string, id: string, found: Found | undefined): string | undefined {
    const entry = this.#entry(namespace, id);
    const possible = possibleVersions(entry, read);
    const matching = possible.find(({ content }) => isSame(content, id, found));
    if (matching === undefined) {
      const allowed = possible.map(({ number, content }) => `${number}: ${JSON.stringify(content)}`);
      return `${JSON.stringify([namespace, id])} is ${JSON.stringify(found)}; it may be ${allowed.join(" or ")}`;
    }
    if (matching.number > entry.seen.number) entry.seen = { number: matching.number, at: read.end };
    return undefined;
  }

  /** Ids of records that were there, and such, for as long as the read took. */
  surely(read: Read, namespace: string, holds: (content: NonNullable<Content>) => boolean): string[] {
    const ids: string[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.namespace !== namespace) continue;
      const possible = possibleVersions(entry, read);
      if (possible.every(({ content }) => content !== undefined && holds(content))) ids.push(entry.id);
    }
    return ids;
  }
}

function possibleVersions({ versions, seen }: Entry, { start, end }: Read): Version[] {
  const oldest = seen.at < start ? seen.number : 0;
  return versions.filter(
    ({ number, invokedAt, replacedAt }) => number >= oldest && invokedAt <= end && replacedAt >= start,
  );
}

function isSame(content: Content, id: string, found: Found | undefined): boolean {
  if (content === undefined || found === undefined) return content === found;
  return (
    found.id === id && found.text === content.text && isDeepStrictEqual(found.metadata, content.metadata)
  );
}
