import { expect, it } from "vitest";
import { chromaObstacle, startChroma } from "../helpers/chroma-server.ts";
import { describeUnless } from "../helpers/obstacles.ts";
import { runHere } from "../helpers/run-here.ts";
import { chromaProject } from "./migrate-helpers.ts";

describeUnless(chromaObstacle, "migrate and a Chroma server", () => {
  it("goes back from an index into a Chroma server, and from there into an index (MIG-12)", async () => {
    const directory = chromaProject(40);
    const server = await startChroma();
    try {
      const migrate = (action: string, from: string, to: string, ...rest: string[]) =>
        runHere(["migrate", action, "--from", from, "--to", to, "--vectors", "keep", ...rest], { directory });
      expect(await migrate("import", "chroma_db", "embedded:index")).toMatchObject({ code: 0 });
      const back = await migrate("run", "embedded:index", `${server.url}#foods`);
      expect(back).toMatchObject({ code: 0, out: expect.stringContaining("Complete") });
      const forth = await migrate("run", server.url, "embedded:other");
      expect(forth).toMatchObject({ code: 0 });
      expect(forth.out).toMatch(/skipped\s+backup/);
      expect(forth.out).toContain("identical: 40 records");
      expect(await migrate("verify", "chroma_db", "embedded:other")).toMatchObject({ code: 0 });
    } finally {
      await server.close();
    }
  });
});
