import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { describeUnless } from "../helpers/obstacles.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { openssl } from "../helpers/tools.ts";
import { failureOf } from "./failure-of.ts";
import { observedRequester } from "./requester.ts";

describeUnless(openssl.obstacle, "an untrusted certificate (SEC-3)", () => {
  it("is refused before the token is sent, and not tried again", async () => {
    const directory = temporaryDirectory();
    const [keyFile, certificateFile] = [join(directory, "key.pem"), join(directory, "certificate.pem")];
    const request = "req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1".split(" ");
    execFileSync("openssl", [...request, "-keyout", keyFile, "-out", certificateFile], { stdio: "ignore" });
    let requests = 0;
    const server = createServer(
      { key: readFileSync(keyFile), cert: readFileSync(certificateFile) },
      (_, response) => {
        requests++;
        response.end('{"result":1}');
      },
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { requester, of } = observedRequester(`https://127.0.0.1:${port}`);
    const error = await failureOf(requester.request({ path: ["info"] }));
    expect(error).toMatchObject({ code: "connection", isRetryable: false, mayHaveArrived: false });
    expect(error.hint).toMatch(/certificate/);
    expect([requests, of("attempt-end").length]).toEqual([0, 1]);
  });
});
