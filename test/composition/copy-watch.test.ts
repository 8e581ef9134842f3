import { describe, expect, it, onTestFinished } from "vitest";
import { createApplication } from "../../src/composition/application.ts";
import { copyComparison } from "../../src/composition/compare-copy.ts";
import { watchCopy } from "../../src/composition/copy-watch.ts";
import { doctorOptions } from "../../src/composition/doctor.ts";
import { readSettings } from "../../src/config/settings.ts";
import { FigureRecorder } from "../../src/cutover/watch/figures.ts";
import { startEmulator } from "../../src/embedded/emulator.ts";
import type { Finding } from "../../src/foundation/finding.ts";
import { secondaryFindings } from "../../src/operations/policy-findings.ts";
import { StoreHealth } from "../../src/operations/status/store-health.ts";
import type { Control } from "../../src/state/cutover/rows.ts";
import { openState } from "../../src/state/open.ts";
import type { Document } from "../../src/store/document.ts";
import { saveCompleteCopy } from "../helpers/complete-copy.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { documents, httpStore } from "../store/policies/stores.ts";

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A second copy that the state knows as complete, and what watches it. */
async function copied(url: string, token: string, control: Partial<Control> = {}) {
  const settings = readSettings({
    RAGFOOD_DIR: temporaryDirectory(),
    UPSTASH_VECTOR_REST_URL: url,
    UPSTASH_VECTOR_REST_TOKEN: token,
    FALLBACK: "embedded",
    FALLBACK_WRITES: "copy",
  });
  const state = await openState(settings);
  onTestFinished(() => state.close());
  await saveCompleteCopy(state, control);
  const application = createApplication(settings);
  onTestFinished(() => application.close());
  const health = new StoreHealth(new Map(), []);
  const watch = watchCopy({ application, state, figures: new FigureRecorder(), health, log });
  if (watch === undefined || application.routed === undefined) throw new Error("There is no copy.");
  return { settings, state, health, watch, routed: application.routed };
}

const good = async () =>
  ({ condition: "good", sentence: "Read again", time: null, isStale: false, details: null }) as const;

describe("the second copy of a service (VEC-9, OPS-3)", () => {
  it("is not good while it is another file than the one that was copied to, and doctor fails", async () => {
    // The index is down, so that nothing can be copied.
    const { settings, health, watch } = await copied("http://127.0.0.1:9", "token", {
      files: { target: "former" },
    });
    const examine = async () => {
      const found: Finding[] = [];
      const { secondary } = doctorOptions(settings);
      if (secondary)
        for await (const finding of secondaryFindings(secondary, undefined, {})) found.push(finding);
      return found.find(({ code }) => code === "second-copy");
    };
    // Also before a running process has noticed it.
    expect(await examine()).toMatchObject({ level: "problem" });
    expect(await watch.inSection(good)()).toMatchObject({
      condition: "warning",
      sentence:
        "The copy of upstash in embedded is not complete, and does not answer if upstash fails. Read again",
    });
    expect(health.list()).toMatchObject([
      { name: "upstash", role: "primary" },
      { name: "embedded", condition: "warning", duty: expect.stringContaining("does not answer if upstash") },
    ]);
    expect(await watch.check.run()).toBe("unknown");
    expect(await examine()).toMatchObject({ level: "problem" });
  });

  it("reports a record that somebody changed in one store, in the alert and by the job `integrity`", async () => {
    const emulator = await startEmulator();
    onTestFinished(() => emulator.close());
    const { settings, state, watch, routed } = await copied(emulator.url, emulator.token);
    const [first] = documents as [Document, ...Document[]];
    await routed.stores.target.upsert(documents);
    await httpStore(emulator.url, emulator.token).upsert([
      { ...first, metadata: { ...first.metadata, allergens: [] } },
      ...documents.slice(1),
    ]);
    const found = await copyComparison(settings, state, routed)(new AbortController().signal);
    expect(found).toMatchObject({
      differences: 1,
      summary: expect.stringContaining(`${first.id} (the metadata`),
    });
    expect(await watch.check.run()).toMatchObject({
      key: "copy",
      sentence: `1 record of upstash and embedded differs, the first: ${first.id}. ragfood fallback verify compares all.`,
    });
    await routed.stores.target.upsert([{ ...first, metadata: { ...first.metadata, allergens: [] } }]);
    watch.start();
    onTestFinished(() => watch.stop());
    await expect
      .poll(async () => await copyComparison(settings, state, routed)(new AbortController().signal))
      .toMatchObject({ differences: 0 });
    expect(await watch.check.run()).toBe("good");
  });
});
