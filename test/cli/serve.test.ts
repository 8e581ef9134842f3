import { describe, expect, it } from "vitest";
import { project } from "../helpers/project.ts";
import { startCli } from "../helpers/run-cli.ts";
import { runHere } from "../helpers/run-here.ts";

describe("ragfood serve (SEC-5)", () => {
  it("does not listen for other machines before a key exists, and says how to make one", async () => {
    const { directory } = project();
    const refused = await runHere(["serve", "--host", "0.0.0.0", "--port", "0"], { directory });
    expect(refused.code).toBe(2);
    expect(refused.error).toContain("ragfood keys create");
    const created = await runHere(["keys", "create", "app", "--json"], { directory });
    const { id } = JSON.parse(created.out) as { id: string };
    await runHere(["keys", "revoke", id], { directory });
    expect((await runHere(["serve", "--host", "0.0.0.0", "--port", "0"], { directory })).code).toBe(2);
  });

  it("answers, answers what is running when it is stopped, and ends with success", async () => {
    const { directory } = project("GENERATOR=extractive\n");
    const service = startCli(["serve", "--port", "0", "--json"], { directory });
    const url = /"url":\s*"([^"]+)"/.exec(await service.printed('"url"'))?.[1] as string;
    const ask = () =>
      fetch(`${url}/api/ask`, {
        method: "POST",
        body: '{"question":"What is pho?"}',
        headers: { "Content-Type": "application/json" },
      });
    expect((await ask()).status).toBe(200);
    const running = Array.from({ length: 20 }, async () => (await ask()).status);
    service.kill("SIGTERM");
    const statuses = await Promise.allSettled(running);
    expect(statuses.every((each) => each.status === "rejected" || each.value === 200)).toBe(true);
    expect((await service.finished).code).toBe(0);
    await expect(ask()).rejects.toThrow();
  });
});
