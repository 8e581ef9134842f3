import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { startCli } from "../helpers/run-cli.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

it("a command ends after its deadline if a proxy never opens the tunnel (items 32 and A3)", async () => {
  const proxy = createServer().on("connect", () => {});
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => void proxy.close());
  const { finished } = startCli(["info"], {
    directory: temporaryDirectory(),
    environment: {
      HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      UPSTASH_VECTOR_REST_URL: "https://index.invalid",
      UPSTASH_VECTOR_REST_TOKEN: "token",
      REQUEST_DEADLINE_MS: "1000",
    },
  });
  expect(await finished).toMatchObject({
    code: 1,
    error: expect.stringContaining("gave no answer to /info within 1000 ms"),
  });
});
