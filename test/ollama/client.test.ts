import { describe, expect, it } from "vitest";
import { isSameModel } from "../../src/foundation/model-name.ts";
import { describeOllama, hasModel } from "../../src/ollama/client.ts";
import { startServer } from "../helpers/http-server.ts";

const failureAt = (host: string) =>
  describeOllama({ host, timeoutMs: 2_000 }).then(
    () => undefined,
    (error: unknown) => error,
  );

describe("an address that is no Ollama server", () => {
  it("is not taken for a missing model", async () => {
    const { url } = await startServer(
      (_, response) => void response.writeHead(404).end("404 page not found"),
    );
    expect(await failureAt(`${url}/v1`)).toMatchObject({
      code: "not-found",
      message: expect.stringMatching(/no Ollama API: 404 page not found/),
      hint: expect.stringMatching(/OLLAMA_HOST/),
    });
  });

  it("is reported with the reason: a host name, a closed port, TLS", async () => {
    const { url } = await startServer((_, response) => void response.end());
    const { port } = new URL(url);
    expect(await failureAt("http://no-such-host.invalid:11434")).toMatchObject({
      message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/),
      hint: expect.stringMatching(/No such host/),
    });
    expect(await failureAt("http://127.0.0.1:9")).toMatchObject({ code: "connection" });
    expect(await failureAt(`https://127.0.0.1:${port}`)).toMatchObject({
      code: "connection",
      isRetryable: false,
      hint: expect.stringMatching(/TLS failed/),
    });
  });
});

describe("names of models", () => {
  it.each([
    ["embed", "embed:latest", true],
    ["Embed", "embed", true],
    ["embed:335m", "embed", false],
    ["registry:5000/a/embed", "registry:5000/a/embed:latest", true],
    ["a/embed", "embed", false],
  ])("%s and %s are one model: %s", (left, right, isOne) => {
    expect(isSameModel(left, right)).toBe(isOne);
    expect(hasModel([left], right)).toBe(isOne);
  });
});
