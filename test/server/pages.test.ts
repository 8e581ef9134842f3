import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PageFiles } from "../../src/pages/page-files.ts";
import { testService } from "../helpers/service.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

function builtPages(): PageFiles {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, "assets"));
  for (const page of ["ask", "dashboard", "data", "missing"]) {
    writeFileSync(join(directory, `${page}.html`), `<!doctype html><title>${page}</title>`);
  }
  writeFileSync(join(directory, "assets", "ask-Ab1.js"), "export {};");
  return new PageFiles(
    { ask: "/ask", dashboard: "/dashboard", data: "/data", missing: "/missing" },
    directory,
  );
}

describe("the pages of the service", () => {
  it("serves each page with its strict policy, and leads from / to Ask", async () => {
    const { app } = await testService({ parts: { pages: builtPages() } });
    for (const page of ["ask", "dashboard", "data"]) {
      const response = await app.request(`/${page}`);
      expect(await response.text()).toContain(`<title>${page}`);
      expect(response.headers.get("content-security-policy")).toContain("require-trusted-types-for 'script'");
    }
    const root = await app.request("/");
    expect([root.status, root.headers.get("location")]).toEqual([302, "./ask"]);
  });

  it("serves scripts for ever, and answers 304 to a page that the browser has", async () => {
    const { app } = await testService({ parts: { pages: builtPages() } });
    const script = await app.request("/assets/ask-Ab1.js");
    expect(script.headers.get("cache-control")).toContain("immutable");
    const tag = (await app.request("/ask")).headers.get("etag") ?? "";
    expect((await app.request("/ask", { headers: { "If-None-Match": tag } })).status).toBe(304);
    expect((await app.request("/assets/none.js")).status).toBe(404);
  });

  it("shows people a page, and programs a problem, where nothing is", async () => {
    const { app } = await testService({ parts: { pages: builtPages() } });
    const get = (path: string, accept: string) => app.request(path, { headers: { Accept: accept } });
    const page = await get("/nope", "text/html,*/*;q=0.8");
    expect([page.status, await page.text()]).toEqual([404, "<!doctype html><title>missing</title>"]);
    for (const [path, accept] of [
      ["/nope", "*/*"],
      ["/api/nope", "text/html"],
    ] as const) {
      const problem = await get(path, accept);
      expect([problem.status, problem.headers.get("content-type")]).toEqual([
        404,
        "application/problem+json",
      ]);
    }
  });

  it("says what to run if the pages are not built", () => {
    const directory = temporaryDirectory();
    expect(() => new PageFiles({ ask: "/ask" }, directory)).toThrow(
      expect.objectContaining({
        code: "storage",
        path: directory,
        hint: expect.stringContaining("npm run build"),
      }),
    );
  });
});
