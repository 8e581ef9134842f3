import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { serve } from "../src/cli/definitions/serve.ts";
import { deadAddress, startServer } from "./helpers/http-server.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file: string): string => readFileSync(`${root}${file}`, "utf8");

interface ComposeService {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly stop_grace_period?: string;
  readonly profiles?: readonly string[];
}

const compose: {
  readonly services: Readonly<Record<"ragfood" | "ollama" | "chroma", ComposeService>>;
  readonly volumes: Readonly<Record<string, null>>;
} = parse(read("compose.yaml"));
const { ragfood, ollama, chroma } = compose.services;
const dockerfile = read("Dockerfile").replace(/\\\n\s*/g, "");
const page = read("docs/deployment.md");

/** The arguments of each line of an instruction. */
function instructions(name: string): string[] {
  return Array.from(dockerfile.matchAll(new RegExp(`^${name} (.*)$`, "gm")), ([, rest]) => rest as string);
}

/** The exit code of a health check. */
async function check([program = "", ...words]: readonly string[]): Promise<number> {
  const [code] = await once(spawn(program, words, { stdio: "ignore" }), "exit");
  return code;
}

describe("the container image (UX-2)", () => {
  it("copies files that exist and that the builder gets", () => {
    const sent = read(".dockerignore").split("\n");
    const copied = instructions("COPY")
      .filter((line) => !line.startsWith("--from"))
      .flatMap((line) => line.split(" ").slice(0, -1));
    expect(copied).toContain("src");
    for (const file of copied) {
      expect(existsSync(`${root}${file}`), file).toBe(true);
      expect(sent).toContain(`!${file}`);
    }
    expect(sent).toContain("*");
    expect(sent.filter((line) => line.startsWith("!")).every((line) => copied.includes(line.slice(1)))).toBe(
      true,
    );
  });

  it("runs on a line of Node.js that the package supports and the suite is run on", () => {
    const [, line = ""] = /^ARG NODE_VERSION=(\d+)$/m.exec(dockerfile) ?? [];
    const [, minimum] = />=(\d+)/.exec(JSON.parse(read("package.json")).engines.node) ?? [];
    expect(Number(line)).toBeGreaterThanOrEqual(Number(minimum));
    expect(read("scripts/test-all-nodes.mjs")).toContain(`"${line}"`);
    expect(page).toContain(`Node.js ${line}`);
    expect(instructions("FROM").every((from) => from.startsWith("node:$" + "{NODE_VERSION}-"))).toBe(true);
  });

  it("does not run as root, and keeps its data in the volume", () => {
    expect(instructions("USER").at(-1)).toBe("node");
    expect(instructions("WORKDIR").at(-1)).toBe("/data");
    expect(instructions("VOLUME")).toEqual(["/data"]);
    expect(ragfood.volumes).toContain("ragfood:/data");
  });

  it("listens on the port that it exposes, checks and publishes", () => {
    const port = String(serve.options.port.default);
    expect(instructions("EXPOSE")).toEqual([port]);
    expect(instructions("HEALTHCHECK")[0]).toContain(`http://127.0.0.1:${port}/healthz`);
    expect(
      ragfood.ports?.every((entry) => entry.startsWith("127.0.0.1:") && entry.endsWith(`:${port}`)),
    ).toBe(true);
  });

  it("is healthy if the health route answers with 200, and not otherwise", async () => {
    const [, list = "[]"] = / CMD (\[.*\])$/.exec(instructions("HEALTHCHECK")[0] ?? "") ?? [];
    const at = (url: string) =>
      (JSON.parse(list) as string[]).map((word) => word.replace("http://127.0.0.1:8080", url));
    const server = await startServer(({ url }, response) => {
      response.writeHead(url === "/healthz" ? 200 : 404).end();
    });
    const failing = await startServer((_, response) => response.writeHead(503).end());
    expect(await check(at(server.url))).toBe(0);
    expect(await check(at(failing.url))).toBe(1);
    expect(await check(at(await deadAddress()))).toBe(1);
  });
});

describe("compose.yaml (UX-2)", () => {
  it("sets only settings that exist", () => {
    const known = read(".env.example");
    const names = Object.keys(ragfood.environment ?? {});
    expect(names).not.toEqual([]);
    for (const name of names) expect(known).toMatch(new RegExp(`^${name}=$`, "m"));
  });

  it("reaches the other services by their names and ports", () => {
    expect(ragfood.environment).toEqual({
      OLLAMA_HOST: "http://ollama:11434",
      CHROMA_URL: "http://chroma:8000",
    });
    expect([ollama, chroma].map(({ ports }) => ports)).toEqual([undefined, undefined]);
  });

  it("pins the images of others to the versions that the page names", () => {
    for (const { image } of [ollama, chroma]) {
      expect(image).toMatch(/:\d+\.\d+\.\d+$/);
      expect(page).toContain(`\`${image}\``);
    }
  });

  it("declares each volume that a service mounts", () => {
    const mounted = Object.values(compose.services).flatMap(({ volumes }) =>
      volumes.map((volume) => volume.split(":")[0]),
    );
    expect(mounted.sort()).toEqual(Object.keys(compose.volumes).sort());
  });

  it("leaves running requests the time that the service gives them", () => {
    expect(Number.parseInt(ragfood.stop_grace_period ?? "", 10)).toBeGreaterThan(
      serve.options["stop-after"].default,
    );
  });

  it("takes Chroma for healthy if its heartbeat answers with 200, and not otherwise", async () => {
    const at = (url: string) =>
      (chroma.healthcheck?.test ?? [])
        .slice(1)
        .map((word) =>
          word.replace("127.0.0.1/8000", `127.0.0.1/${new URL(url).port}`).replaceAll("$$", "$"),
        );
    const server = await startServer(({ url }, response) => {
      response.writeHead(url === "/api/v2/heartbeat" ? 200 : 404).end("{}");
    });
    const failing = await startServer((_, response) => response.writeHead(503).end());
    expect(await check(at(server.url))).toBe(0);
    expect(await check(at(failing.url))).toBe(1);
    expect(await check(at(await deadAddress()))).toBe(1);
  });
});
