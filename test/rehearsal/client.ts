import { setTimeout as wait } from "node:timers/promises";
import { type Food, toDocument } from "../../src/foods/food.ts";
import type { Impossible } from "./places.ts";

/** Requests at a time; more would measure the client. */
const mostInFlight = 200;

/** Ids that are written again and again, a few seconds apart. */
const idCount = 150;

/**
 * After one write of so many, its id is not written again, so that the end of a run still shows whether a write of each
 * phase was lost: a later write of the same id would hide it. Shares no factor with `deleteEvery`: some are deletions.
 */
const keepEvery = 13;

/** One write of so many deletes. */
const deleteEvery = 10;

/** Milliseconds that the client waits for an answer. */
const timeoutMs = 30_000;

/** An answer within so many milliseconds is a fast one. */
const fastMs = 500;

/** What the client saw in one phase. */
export interface Seen {
  reads: number;
  failedReads: number;
  writes: number;
  failedWrites: number;
  queued: number;
  /** Failures that neither another store nor another process could have prevented. */
  impossible: number;
  /** The first of the other failures. */
  readonly failures: string[];
}

/** What the client saw before its first request. */
export function nothingSeen(): Seen {
  return { reads: 0, failedReads: 0, writes: 0, failedWrites: 0, queued: 0, impossible: 0, failures: [] };
}

/** What may be stored under an id: the last acknowledged text, and those of writes whose outcome is unknown since. */
export interface Expected {
  /** `undefined`: deleted. */
  acknowledged: string | undefined;
  readonly unknown: (string | undefined)[];
}

/** A time in which something is impossible; epoch milliseconds. */
interface Outage {
  readonly impossible: Impossible;
  until: number;
}

interface Outcome {
  readonly status: number;
  readonly body: { readonly store?: string };
}

/**
 * Reads and writes continuously, in turns, at both services in turns. As behind a load balancer, a
 * request that one service does not answer goes to the other one.
 */
export class Client {
  readonly #intervalMs: number;
  readonly #urls: readonly string[];
  readonly #questions: readonly string[];
  readonly #stopping = new AbortController();
  readonly #inFlight = new Set<Promise<void>>();
  readonly #busy = new Set<string>();
  readonly #ids: string[] = Array.from({ length: idCount }, (_, place) => `rehearsal-${place}`);
  readonly #phases = new Map<string, Seen>();
  readonly expected = new Map<string, Expected>();
  /** When the last read began that the target answered; epoch milliseconds. */
  targetAskedAt = 0;
  /** Requests in a row that succeeded fast, up to the last one that ended. */
  fastInRow = 0;
  readonly #outages: Outage[] = [];
  #phase = "";
  #turns = 0;
  #running: Promise<void> | undefined;

  /** @param rate requests a second */
  constructor(urls: readonly string[], questions: readonly string[], rate: number) {
    this.#intervalMs = 1_000 / rate;
    this.#urls = urls;
    this.#questions = questions;
  }

  /** Something is impossible from now on. @returns ends it */
  beginOutage(impossible: Impossible): () => void {
    const outage: Outage = { impossible, until: Number.POSITIVE_INFINITY };
    this.#outages.push(outage);
    return () => {
      outage.until = Date.now();
    };
  }

  /** Whether such a request, which ends now, was on its way while it was impossible. */
  #wasImpossible(kind: keyof Impossible, beganAt: number): boolean {
    return this.#outages.some(({ impossible, until }) => impossible[kind] && until >= beganAt);
  }

  /** From now on requests count for this phase. */
  enter(phase: string): Seen {
    this.#phase = phase;
    return this.seenIn(phase);
  }

  get phases(): ReadonlyMap<string, Seen> {
    return this.#phases;
  }

  /** Requests of a phase that end later count for it too. */
  seenIn(phase: string): Seen {
    const found = this.#phases.get(phase);
    if (found) return found;
    const seen = nothingSeen();
    this.#phases.set(phase, seen);
    return seen;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Waits for the requests that are running. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await Promise.all(this.#inFlight);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const started = performance.now();
    for (; !signal.aborted; ) {
      // A timer that is late is made up for: the rate stays.
      const due = Math.floor((performance.now() - started) / this.#intervalMs);
      for (; this.#turns < due && this.#inFlight.size < mostInFlight; this.#turns++) this.#begin(this.#turns);
      if (this.#inFlight.size >= mostInFlight) this.#turns = due;
      await wait(this.#intervalMs / 2, undefined, { signal }).catch(() => {});
    }
  }

  #begin(turn: number): void {
    const request: Promise<void> = (turn % 2 === 0 ? this.#read(turn) : this.#write(turn)).finally(() => {
      this.#inFlight.delete(request);
    });
    this.#inFlight.add(request);
  }

  #ended(beganAt: number, isDone: boolean): void {
    this.fastInRow = isDone && Date.now() - beganAt < fastMs ? this.fastInRow + 1 : 0;
  }

  async #read(turn: number): Promise<void> {
    const seen = this.seenIn(this.#phase);
    seen.reads++;
    const text = `${this.#questions[(turn >> 1) % this.#questions.length]} ${turn % 1_000}`;
    const beganAt = Date.now();
    const { status, body } = await this.#send(turn, "POST", "/api/search", { text, topK: 3 });
    if (body.store === "upstash") this.targetAskedAt = Math.max(this.targetAskedAt, beganAt);
    this.#ended(beganAt, status === 200);
    if (status === 200) return;
    seen.failedReads++;
    if (this.#wasImpossible("reads", beganAt)) seen.impossible++;
    else note(seen, `a read: ${status} ${JSON.stringify(body)}`);
  }

  /** One write of an id at a time. An id with an unknown outcome is not written again: a late landing may change it. */
  async #write(turn: number): Promise<void> {
    const place = (turn >> 1) % idCount;
    const id = this.#ids[place] as string;
    if (this.#busy.has(id)) return;
    this.#busy.add(id);
    const seen = this.seenIn(this.#phase);
    seen.writes++;
    const [known, beganAt] = [this.expected.get(id), Date.now()];
    const isDelete = (turn >> 1) % deleteEvery === 0 && known?.acknowledged !== undefined;
    const food: Food = { id, text: `Rehearsed in turn ${turn}.`, region: "Nowhere", type: "Test", turn };
    const text = isDelete ? undefined : toDocument(food).text;
    const { id: _, ...fields } = food;
    const path = `/api/foods/${id}`;
    const { status, body, isRepeated } = isDelete
      ? await this.#send(turn, "DELETE", path)
      : await this.#send(turn, "PUT", path, fields);
    const entry = known ?? { acknowledged: undefined, unknown: [] };
    this.expected.set(id, entry);
    if (status === 202) seen.queued++;
    // After a lost answer the record of a repeated deletion may be gone already.
    const isDone = [200, 202, 204].includes(status) || (isDelete && isRepeated && status === 404);
    this.#ended(beganAt, isDone);
    if (isDone) entry.acknowledged = text;
    if (!isDone) {
      seen.failedWrites++;
      if (this.#wasImpossible("writes", beganAt)) seen.impossible++;
      else note(seen, `a write: ${status} ${JSON.stringify(body)}`);
    }
    const isUncertain = !isDone || isRepeated;
    if (isUncertain) entry.unknown.push(text);
    if (isUncertain || (turn >> 1) % keepEvery === 0) this.#ids[place] = `rehearsal-${place}-${turn}`;
    this.#busy.delete(id);
  }

  async #send(
    turn: number,
    method: string,
    path: string,
    body?: object,
  ): Promise<Outcome & { isRepeated: boolean }> {
    let failure = "";
    for (const attempt of [0, 1]) {
      const url = this.#urls[(turn + (turn >> 1) + attempt) % this.#urls.length];
      try {
        const response = await fetch(`${url}${path}`, {
          method,
          signal: AbortSignal.timeout(timeoutMs),
          ...(body && { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
        });
        const text = await response.text();
        return {
          status: response.status,
          body: text === "" ? {} : JSON.parse(text),
          isRepeated: attempt > 0,
        };
      } catch (error) {
        const { message, cause } = error as Error;
        failure = `${message} ${(cause as Error | undefined)?.message ?? ""}`;
      }
    }
    return { status: 0, body: { failure } as object, isRepeated: true };
  }
}

const mostFailures = 8;

function note({ failures }: Seen, failure: string): void {
  if (failures.length < mostFailures) failures.push(failure.slice(0, 300));
}
