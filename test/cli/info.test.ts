import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { project } from "../helpers/project.ts";
import { runHere } from "../helpers/run-here.ts";

describe("info", () => {
  it("counts the records of each namespace", async () => {
    const { directory, dataFile } = project();
    await runHere(["ingest"], { directory });
    await runHere(["ingest", dataFile, "--namespace", "side"], { directory });
    const { out } = await runHere(["info", "--json"], { directory });
    expect(JSON.parse(out)).toMatchObject({
      store: "embedded",
      type: "SPARSE",
      namespaces: { "": 5, side: 5 },
    });
    expect((await runHere(["info"], { directory })).out).toContain("Namespace side       5 records");
  });

  it("creates no index, and says how to get one", async () => {
    const { directory } = project();
    const { code, out, error } = await runHere(["info"], { directory });
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(error).toMatch(/There is no index at \S+index\.sqlite yet\.\n.*ragfood ingest/);
    expect(existsSync(join(directory, ".ragfood"))).toBe(false);
  });
});
