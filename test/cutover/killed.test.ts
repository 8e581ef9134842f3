import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { defaultSettings, EmbeddedRequester, VectorIndex } from "../../src/embedded/index.ts";
import { bm25 } from "../../src/embedding/bm25.ts";
import { UpstashStore } from "../../src/store/upstash.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { servedStore } from "../store/policies/stores.ts";
import { die } from "./die.ts";
import { advanceTo, Pair, PluggedStore, quiet, shortTiming } from "./pair.ts";
import { History, textOfStore, writesOf } from "./queue/history.ts";

const script = fileURLToPath(new URL("./dying-pair.js", import.meta.url));

/** The step at which a process dies, and how many times it reaches it until then. */
const deaths = [
  { step: "after begin", time: 2 },
  { step: "during send", time: 2 },
  { step: "in settle", time: 1 },
  { step: "after claim", time: 1 },
  // Clients send four writes: a copy is among these.
  { step: "after send", time: 5 },
] as const;

/** A process that is slow is not a failure here: leases are as long as a busy machine needs. */
const timing = { ...shortTiming, markLeaseMs: 1_000, claimLeaseMs: 1_000, heartbeatLeaseMs: 1_000 };

it("an embedded index and a served one lose no acknowledged write, with a SIGKILL at each of several steps (CUT-3)", async () => {
  const { store: target, server } = await servedStore();
  const indexFile = join(temporaryDirectory(), "index.sqlite3");
  const index = VectorIndex.open({ path: indexFile, settings: defaultSettings, embedders: { sparse: bm25 } });
  onTestFinished(() => index.close());
  const source = new UpstashStore({ name: "source", requester: new EmbeddedRequester(index) });
  const pair = new Pair();
  pair.source = new PluggedStore(source);
  pair.target = new PluggedStore(target);
  const first = pair.join({}, timing);
  await advanceTo(first, "dual-write");
  await first.close();
  const where = { stateFile: pair.stateFile, indexFile, timing, url: server.url, token: server.token };
  const history = new History();
  for (const [life, deathAt] of deaths.entries()) {
    const writes = writesOf(life);
    const acknowledged = await die(script, { ...where, writes, deathAt });
    history.add(writes.slice(0, acknowledged), writes[acknowledged]);
  }
  // The next process starts, and nobody writes.
  const last = pair.join({}, timing);
  await last.runtime.view();
  await quiet(last);
  expect(history.texts).toContain(await textOfStore(source));
  expect(await textOfStore(target)).toBe(await textOfStore(source));
});
