import { describe, expect, it } from "vitest";
import { openServerInventory } from "../../src/composition/endpoints/inventory.ts";
import { CancelledError, ConnectionError, ServiceFaultError } from "../../src/foundation/errors.ts";
import { chromaVersion } from "../../src/store/chroma/version.ts";
import { startServer } from "../helpers/http-server.ts";

describe("the version of a Chroma server", () => {
  it("is what it says, with any slashes at the end of the address", async () => {
    const { url } = await startServer((_, response) => response.end('"1.4.4"'));
    expect(await chromaVersion({ url: `${url}//` })).toBe("1.4.4");
  });

  it("fails for another server, and if nothing answers", async () => {
    const { url } = await startServer((_, response) => response.end("<html>"));
    await expect(chromaVersion({ url })).rejects.toThrow(ServiceFaultError);
    await expect(chromaVersion({ url: "http://127.0.0.1:1" })).rejects.toThrow(ConnectionError);
  });

  it("is not waited for once the inventory that asks is cancelled", async () => {
    const cancel = new AbortController();
    const { url } = await startServer(() => cancel.abort());
    await expect(openServerInventory({ url, timeoutMs: 5_000 }, { signal: cancel.signal })).rejects.toThrow(
      CancelledError,
    );
  });
});
