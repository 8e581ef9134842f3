import { setTimeout as sleep } from "node:timers/promises";
import { ServiceFaultError, TimeoutError } from "../../../src/foundation/errors.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import type { VectorStore } from "../../../src/store/store.ts";

/** What becomes of one write. */
export type WriteFate =
  | "done"
  | "lost-before"
  | "lost-after"
  | "delayed"
  | "done-twice"
  | "fatal-after"
  | "fatal-before";

/** A store whose writes go as a script says; once it is used up, all of them are done. */
export function faultyStore(
  store: VectorStore,
  nextFate: () => WriteFate | undefined,
  judge: (all: readonly StoreRecord[]) => void = () => {},
) {
  const counts = { requests: 0, records: 0, done: 0, largestRequest: 0, atOnce: 0, mostAtOnce: 0 };
  const write = async (count: number, action: () => Promise<void>): Promise<void> => {
    counts.requests++;
    counts.records += count;
    counts.largestRequest = Math.max(counts.largestRequest, count);
    counts.mostAtOnce = Math.max(counts.mostAtOnce, ++counts.atOnce);
    try {
      await meetFate(nextFate() ?? "done", action);
      counts.done += count;
    } finally {
      counts.atOnce--;
    }
  };
  const writes: Partial<VectorStore> = {
    upsert: (documents, options) => write(documents.length, () => store.upsert(documents, options)),
    upsertRecords: (all, options) =>
      write(all.length, async () => {
        judge(all);
        await store.upsertRecords(all, options);
      }),
  };
  const faulty = new Proxy(store, {
    get(of, name) {
      const own = writes[name as keyof VectorStore];
      if (own !== undefined) return own;
      const value = Reflect.get(of, name);
      return typeof value === "function" ? value.bind(of) : value;
    },
  });
  return { store: faulty, counts };
}

async function meetFate(fate: WriteFate, action: () => Promise<void>): Promise<void> {
  if (fate === "lost-before") throw new ServiceFaultError("test", "The write was lost.", { status: 503 });
  if (fate === "fatal-before") throw new Error("The process died.");
  if (fate === "delayed") await sleep(2);
  await action();
  if (fate === "done-twice") await action();
  if (fate === "lost-after") throw new TimeoutError("test", "The acknowledgement was lost.");
  if (fate === "fatal-after") throw new Error("The process died.");
}
