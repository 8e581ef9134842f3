import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { parseFilter, type StoreRecord, type VectorStore } from "../../dist/index.js";
import type { Content, Model, PendingWrite, Read } from "./model.ts";
import type { Tally } from "./tally.ts";

export interface WorkloadOptions {
  readonly store: VectorStore;
  readonly model: Model;
  /** The content of the secondary store, which is never written. */
  readonly standIn?: Model;
  readonly tally: Tally;
  readonly workers: number;
  readonly recordsPerWorker: number;
  /** Milliseconds that a worker rests after each call. */
  readonly restMs: number;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** One is the default, one needs encoding in a URL. */
export const namespaces = ["", "soak", "ä/ö 50%"] as const;

/** Records of a worker that are in one namespace, by the rest of their number. */
const groups = 4;
const longestBatch = 5;

const spices = ["saffron", "cumin", "sumac", "ginger", "mustard", "clove"];

type Operation = (worker: Worker) => Promise<void>;

/** How often each operation comes, of 100. */
const mix: Readonly<Record<string, readonly [share: number, run: Operation]>> = {
  "query by text": [20, (worker) => worker.queryOwnWord()],
  "query with filter": [15, (worker) => worker.queryWithFilter()],
  fetch: [22, (worker) => worker.fetch()],
  range: [5, (worker) => worker.range()],
  upsert: [14, (worker) => worker.upsert()],
  "update metadata": [8, (worker) => worker.update("metadata")],
  "update text": [5, (worker) => worker.update("text")],
  "delete by id": [8, (worker) => worker.delete()],
  namespaces: [3, (worker) => worker.useNamespace()],
};

/** Lets workers call a store until the signal fires, and checks every answer against the model. */
export async function runWorkload(options: WorkloadOptions): Promise<void> {
  const workers = Array.from({ length: options.workers }, (_, number) => new Worker(number, options));
  await Promise.all(workers.map((worker) => worker.run()));
}

/** Writes every record once, so that each is there. */
export async function fill(
  store: VectorStore,
  models: readonly Model[],
  { workers, recordsPerWorker }: Pick<WorkloadOptions, "workers" | "recordsPerWorker">,
): Promise<void> {
  for (const namespace of namespaces) {
    const documents: { id: string; text: string; metadata: Readonly<Record<string, unknown>> }[] = [];
    for (let worker = 0; worker < workers; worker++) {
      for (let place = 0; place < recordsPerWorker; place++) {
        if (namespaceOf(place) !== namespace) continue;
        const content = contentOf(worker, place, 0, 0);
        const id = idOf(worker, place);
        documents.push({ id, ...content });
        for (const model of models) model.write(namespace, id, content).acknowledge();
      }
    }
    await store.upsert(documents, { namespace });
  }
}

function idOf(worker: number, place: number): string {
  return `record ${worker}/${place}`;
}

function namespaceOf(place: number): string {
  return namespaces[place % namespaces.length] as string;
}

/** A word that only one record has and no stemmer changes. */
function wordOf(worker: number, place: number): string {
  return `k${worker}x${place}`;
}

function contentOf(worker: number, place: number, revision: number, spice: number): NonNullable<Content> {
  const group = place % groups;
  return {
    text: `Dish ${wordOf(worker, place)} with ${spices[spice]}, revision ${revision}`,
    metadata: { worker, group, revision },
  };
}

/** One caller. Only it writes its records, sequentially; it reads the records of all callers. */
class Worker {
  readonly #number: number;
  readonly #options: WorkloadOptions;
  #revision = 0;

  constructor(number: number, options: WorkloadOptions) {
    this.#number = number;
    this.#options = options;
  }

  async run(): Promise<void> {
    const { signal, tally, restMs } = this.#options;
    while (!signal.aborted) {
      const name = this.#pickOperation();
      tally.calls.add(name);
      try {
        await mix[name]?.[1](this);
      } catch (error) {
        tally.failed(name, error);
      }
      await pause(restMs);
    }
  }

  #pickOperation(): string {
    let ticket = this.#options.random() * 100;
    for (const [name, [share]] of Object.entries(mix)) {
      ticket -= share;
      if (ticket < 0) return name;
    }
    return "fetch";
  }

  #below(count: number): number {
    return Math.floor(this.#options.random() * count);
  }

  #places(namespace: string): number[] {
    const own = Array.from({ length: this.#options.recordsPerWorker }, (_, place) => place);
    const fitting = own.filter((place) => namespaceOf(place) === namespace);
    const count = 1 + this.#below(longestBatch);
    return [...new Set(Array.from({ length: count }, () => fitting[this.#below(fitting.length)] as number))];
  }

  #namespace(): string {
    return namespaces[this.#below(namespaces.length)] as string;
  }

  async queryOwnWord(): Promise<void> {
    const namespace = this.#namespace();
    const worker = this.#below(this.#options.workers);
    const [place = 0] = this.#places(namespace);
    const id = idOf(worker, place);
    await this.#read(
      (options) =>
        this.#options.store.query({ text: wordOf(worker, place), topK: 3 }, { namespace, ...options }),
      (matches, read, model) => {
        if (matches.length > 1) this.#wrong(`${matches.length} records have the word of ${id}`);
        this.#compare(model, read, namespace, id, matches[0]);
      },
    );
  }

  async queryWithFilter(): Promise<void> {
    const namespace = this.#namespace();
    const [worker, group, topK] = [this.#below(this.#options.workers), this.#below(groups), 5];
    const filter = parseFilter(`worker = ${worker} AND group = ${group}`);
    await this.#read(
      (options) => this.#options.store.query({ text: "dish", topK, filter }, { namespace, ...options }),
      (matches, read, model) => {
        const holds = ({ metadata }: NonNullable<Content>) =>
          metadata.worker === worker && metadata.group === group;
        for (const match of matches) {
          if (!holds({ text: "", metadata: match.metadata ?? {} }))
            this.#wrong(`${match.id} passed a filter`);
          this.#compare(model, read, namespace, match.id, match);
        }
        const least = Math.min(topK, model.surely(read, namespace, holds).length);
        const ids = new Set(matches.map(({ id }) => id));
        if (ids.size !== matches.length) this.#wrong("a query answered with a record twice");
        if (ids.size < least) this.#wrong(`a query found ${ids.size} of at least ${least}`);
      },
    );
  }

  async fetch(): Promise<void> {
    const namespace = this.#namespace();
    const ids = this.#places(namespace).map((place) => idOf(this.#below(this.#options.workers), place));
    await this.#read(
      (options) => this.#options.store.fetch(ids, { namespace, ...options }),
      (records, read, model) =>
        ids.forEach((id, place) => {
          this.#compare(model, read, namespace, id, records[place]);
        }),
    );
  }

  async range(): Promise<void> {
    const namespace = this.#namespace();
    const pageSize = 20 + this.#below(60);
    await this.#read(
      async (options) => {
        const records: StoreRecord[] = [];
        for await (const page of this.#options.store.range({ namespace, pageSize, ...options })) {
          records.push(...page);
        }
        return records;
      },
      (records, read, model) => {
        const ids = new Set(records.map(({ id }) => id));
        for (const record of records) this.#compare(model, read, namespace, record.id, record);
        const surely = new Set(model.surely(read, namespace, () => true));
        for (const id of surely) if (!ids.has(id)) this.#wrong(`a range left ${id} out`);
        const twice = records.length - ids.size;
        // A record that was deleted and rewritten during the range has a new position.
        const again = records.map(({ id }) => id).filter((id, place, all) => all.indexOf(id) !== place);
        if (twice > 0 && again.some((id) => surely.has(id))) this.#wrong(`a range gave ${again[0]} twice`);
      },
    );
  }

  async upsert(): Promise<void> {
    const namespace = this.#namespace();
    const spice = this.#below(spices.length);
    const documents = this.#places(namespace).map((place) => ({
      id: idOf(this.#number, place),
      ...contentOf(this.#number, place, ++this.#revision, spice),
    }));
    await this.#write(
      documents.map(({ id, text, metadata }) => this.#options.model.write(namespace, id, { text, metadata })),
      (options) => this.#options.store.upsert(documents, { namespace, ...options }),
    );
  }

  async update(part: "metadata" | "text"): Promise<void> {
    const { model, store } = this.#options;
    const namespace = this.#namespace();
    const [place = 0] = this.#places(namespace);
    const id = idOf(this.#number, place);
    const before = model.latest(namespace, id);
    if (before === "unknown") return await this.upsert();
    const touched = ++this.#revision;
    const text = `Dish ${wordOf(this.#number, place)}, changed in revision ${touched}`;
    const change = part === "text" ? { text } : { metadata: { touched }, mergeMetadata: true };
    const after = before && {
      text: part === "text" ? text : before.text,
      metadata: part === "text" ? before.metadata : { ...before.metadata, touched },
    };
    const { result, isQueued } = await this.#write([model.write(namespace, id, after)], (options) =>
      store.update({ id, ...change }, { namespace, ...options }),
    );
    if (!isQueued && result !== (before !== undefined)) this.#wrong(`an update of ${id} said ${result}`);
  }

  async delete(): Promise<void> {
    const namespace = this.#namespace();
    const ids = this.#places(namespace)
      .slice(0, 2)
      .map((place) => idOf(this.#number, place));
    const { result: deleted } = await this.#write(
      ids.map((id) => this.#options.model.write(namespace, id, undefined)),
      (options) => this.#options.store.delete({ ids }, { namespace, ...options }),
    );
    if (deleted > ids.length) this.#wrong(`a delete of ${ids.length} counted ${deleted}`);
  }

  /** Creates, lists, empties and removes a separate namespace. Skips further checks once a step is queued. */
  async useNamespace(): Promise<void> {
    const { store } = this.#options;
    const namespace = `of worker ${this.#number}`;
    let isCertain = true;
    const uncertain = () => {
      isCertain = false;
    };
    const expectListed = async (expected: boolean) => {
      const names = await store.listNamespaces({ onFallback: uncertain });
      if (isCertain && names.includes(namespace) !== expected)
        this.#wrong(`${namespace} is listed: ${!expected}`);
    };
    const documents = [1, 2, 3].map((number) => ({ id: `${number}`, text: `Dish ${number}`, metadata: {} }));
    await store.upsert(documents, { namespace, onQueued: uncertain });
    await expectListed(true);
    await store.reset({ namespace, onQueued: uncertain });
    const [record] = await store.fetch(["1"], { namespace, onFallback: uncertain }).catch((error) => {
      // The stand-in has no such namespace.
      if (error.code !== "fallback") throw error;
      uncertain();
      return [];
    });
    if (isCertain && record !== undefined) this.#wrong(`${namespace} was reset and holds a record`);
    await store.deleteNamespace(namespace, { onQueued: uncertain });
    await expectListed(false);
  }

  async #read<T>(
    call: (options: { onFallback: () => void }) => Promise<T>,
    check: (answer: T, read: Read, model: Model) => void,
  ): Promise<void> {
    const { model, standIn, tally } = this.#options;
    const read = model.startRead();
    const startedAt = performance.now();
    const beganInOutage = tally.isOutage;
    let from = model;
    try {
      const answer = await call({
        onFallback: () => {
          tally.fallbacks++;
          from = standIn ?? model;
        },
      });
      model.answered(read);
      check(
        answer,
        from === model ? read : { start: Number.POSITIVE_INFINITY, end: Number.POSITIVE_INFINITY },
        from,
      );
      if (!beganInOutage || !tally.isOutage) return;
      tally.outageReads++;
      tally.longestOutageRead = Math.max(tally.longestOutageRead, performance.now() - startedAt);
      if (from === model) this.#wrong("a read was answered by an index that is gone");
    } finally {
      model.endRead(read);
    }
  }

  async #write<T>(
    pending: readonly PendingWrite[],
    call: (options: { onQueued: () => void }) => Promise<T>,
  ): Promise<{ result: T; isQueued: boolean }> {
    let isQueued = false;
    try {
      const result = await call({
        onQueued: () => {
          isQueued = true;
        },
      });
      for (const write of pending) write[isQueued ? "queue" : "acknowledge"]();
      if (isQueued) this.#options.tally.queuedWrites++;
      return { result, isQueued };
    } catch (error) {
      for (const write of pending) write.fail();
      throw error;
    }
  }

  #compare(
    model: Model,
    read: Read,
    namespace: string,
    id: string,
    found: Parameters<Model["problem"]>[3],
  ): void {
    const problem = model.problem(read, namespace, id, found);
    if (problem !== undefined) this.#wrong(problem);
  }

  #wrong(problem: string): void {
    this.#options.tally.wrong(`worker ${this.#number}: ${problem}`);
  }
}
