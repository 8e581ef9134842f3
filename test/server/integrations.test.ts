import { execFile } from "node:child_process";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { listen } from "../../src/server/listen.ts";
import { testService } from "../helpers/service.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

const guide = readFileSync(new URL("../../docs/integrations.md", import.meta.url), "utf8");
const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));

/** The JavaScript of the guide that imports this package. */
function exampleOf(name: string): string {
  const blocks = Array.from(guide.matchAll(/```js\n([\s\S]*?)```/g), ([, code]) => code as string);
  return blocks.find((code) => code.includes(`from "${name}"`)) as string;
}

describe("the examples of docs/integrations.md (UX-4)", () => {
  it.each(["openai", "ai"])("run as they are: %s", async (name) => {
    const { app } = await testService();
    const server = await listen(app, { host: "127.0.0.1", port: 0 });
    onTestFinished(() => server.close(0));
    const directory = temporaryDirectory();
    symlinkSync(modules, join(directory, "node_modules"));
    const file = join(directory, "example.mjs");
    writeFileSync(file, exampleOf(name).replace("http://127.0.0.1:8080", server.url));
    const { stdout } = await promisify(execFile)(process.execPath, [file]);
    expect(stdout).toMatch(/Gazpacho.*\[1\]/s);
  });
});
