import type { Metadata } from "../../../src/store/document.ts";
import type { VectorStore } from "../../../src/store/store.ts";

/** A write of a client, as JSON for another process. */
export type HistoryWrite =
  | { readonly kind: "upsert"; readonly id: string; readonly n: number }
  | { readonly kind: "update"; readonly id: string; readonly n: number }
  | { readonly kind: "delete"; readonly id: string };

type Contents = ReadonlyMap<string, Metadata>;

/** What a store may hold: of a write whose outcome nobody learned, both results are right. */
export class History {
  #possible: readonly Contents[] = [new Map()];

  /** Acknowledged writes, in their order, and perhaps one that had no answer. */
  add(acknowledged: readonly HistoryWrite[], unknown?: HistoryWrite): void {
    const certain = this.#possible.map((contents) => acknowledged.reduce(after, contents));
    this.#possible = unknown ? [...certain, ...certain.map((contents) => after(contents, unknown))] : certain;
  }

  get texts(): string[] {
    return this.#possible.map(textOf);
  }
}

/** By a model of its own, and not by the code under test. */
function after(contents: Contents, write: HistoryWrite): Contents {
  const next = new Map(contents);
  const { id } = write;
  if (write.kind === "delete") next.delete(id);
  else if (write.kind === "upsert") next.set(id, { n: write.n });
  else if (next.has(id)) next.set(id, { ...next.get(id), [`f${write.n}`]: write.n });
  return next;
}

export async function textOfStore(store: VectorStore): Promise<string> {
  const contents = new Map<string, Metadata>();
  for await (const page of store.range()) {
    for (const { id, metadata } of page) contents.set(id, metadata ?? {});
  }
  return textOf(contents);
}

function textOf(contents: Contents): string {
  const sorted = [...contents].map(([id, metadata]) => [id, Object.entries(metadata).sort()]);
  return JSON.stringify(sorted.sort());
}

export async function carryOut(store: VectorStore, write: HistoryWrite): Promise<void> {
  const { id } = write;
  if (write.kind === "delete") await store.delete({ ids: [id] });
  else if (write.kind === "upsert")
    await store.upsert([{ id, text: `food ${write.n}`, metadata: { n: write.n } }]);
  else await store.update({ id, metadata: { [`f${write.n}`]: write.n }, mergeMetadata: true });
}

/** The writes of one life of a process: each is seen in the contents of a store, if it is lost or in another place. */
export function writesOf(life: number): HistoryWrite[] {
  const [id, other] = life % 2 === 0 ? ["a", "b"] : ["b", "a"];
  const n = life * 10;
  return [
    { kind: "upsert", id, n },
    { kind: "update", id, n: n + 1 },
    { kind: "update", id: other, n: n + 2 },
    { kind: "delete", id: other },
  ];
}
