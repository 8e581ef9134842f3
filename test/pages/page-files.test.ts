import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { PageFiles } from "../../src/pages/page-files.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

function built(): string {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, "assets"));
  writeFileSync(join(directory, "data.html"), "<!doctype html><title>Data</title>");
  writeFileSync(join(directory, "ask.html"), "<!doctype html><title>Ask</title>");
  writeFileSync(join(directory, "assets", "data-Ab1.js"), "export {};");
  return directory;
}

const request = { method: "GET", headers: {} };

describe("PageFiles", () => {
  it("serves the pages that are asked for at their address, and their scripts under /assets", () => {
    const files = new PageFiles({ data: "/data" }, built());
    const page = files.answer({ ...request, path: "/data" });
    expect(page).toMatchObject({ status: 200, headers: { "Content-Type": "text/html; charset=utf-8" } });
    expect(String(page?.body)).toContain("<title>Data");
    const script = files.answer({ ...request, path: "/assets/data-Ab1.js" });
    expect(script?.headers["Cache-Control"]).toContain("immutable");
    expect(script?.headers["Content-Type"]).toBe("text/javascript; charset=utf-8");
  });

  it.each([
    "/",
    "/data/",
    "/ask",
    "/assets/",
    "/assets/../data.html",
    "/assets/%2e%2e/data.html",
    "/data.html",
  ])("answers nothing at %s", (path) => {
    expect(new PageFiles({ data: "/data" }, built()).answer({ ...request, path })).toBeUndefined();
  });

  it("answers nothing to a request that may change something", () => {
    expect(
      new PageFiles({ data: "/data" }, built()).answer({ ...request, method: "POST", path: "/data" }),
    ).toBe(undefined);
  });

  it("forbids inline code, frames and other origins on every file", () => {
    const files = new PageFiles({ data: "/data" }, built());
    for (const path of ["/data", "/assets/data-Ab1.js"]) {
      const { headers } = files.answer({ ...request, path }) ?? {};
      const policy = headers?.["Content-Security-Policy"] ?? "";
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|\*|data:|blob:|http/);
      expect(headers?.["X-Content-Type-Options"]).toBe("nosniff");
    }
  });

  it("answers 304 to a browser that has the file, and compresses for one that asks", () => {
    const files = new PageFiles({ data: "/data" }, built());
    const zipped = files.answer({ ...request, headers: { "accept-encoding": "gzip, br" }, path: "/data" });
    expect(String(gunzipSync(zipped?.body as Buffer))).toContain("<title>Data");
    const tag = zipped?.headers.ETag;
    const again = files.answer({ ...request, headers: { "if-none-match": tag }, path: "/data" });
    expect(again).toMatchObject({ status: 304, body: undefined });
  });

  it("serves pages that are built again while it runs, beside the scripts of the former build", () => {
    const directory = built();
    const files = new PageFiles({ data: "/data" }, directory);
    const body = (path: string) => String(files.answer({ ...request, path })?.body);
    rmSync(directory, { recursive: true });
    expect(body("/data")).toContain("<title>Data");
    mkdirSync(join(directory, "assets"), { recursive: true });
    writeFileSync(join(directory, "assets", "data-Cd2.js"), "export const next = 1;");
    writeFileSync(join(directory, "data.html"), "<!doctype html><title>Next</title>");
    expect(body("/data")).toContain("<title>Next");
    expect(body("/assets/data-Cd2.js")).toContain("next");
    expect(body("/assets/data-Ab1.js")).toBe("export {};");
  });

  it("says what to run if the pages are not built", () => {
    expect(() => new PageFiles({ data: "/data" }, temporaryDirectory())).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("npm run build") }),
    );
  });
});
