import { describe, expect, it, onTestFinished } from "vitest";
import type { SlackMessage } from "../../../src/operations/alerts/slack-message.ts";
import { Webhook, webhookProblem } from "../../../src/operations/alerts/webhook.ts";
import { isPrivateAddress, lookupPublic } from "../../../src/operations/alerts/webhook-address.ts";
import type { Alert } from "../../../src/state/alerts.ts";
import { startServer } from "../../helpers/http-server.ts";

const alert: Alert = {
  id: "1",
  key: "objective:errors",
  severity: "page",
  state: "firing",
  sentence: "Error rate above objective: 2 % <!channel> & more.",
  evidence: null,
  startedAt: Date.UTC(2026, 0, 1, 14, 2),
  recoveredAt: undefined,
  acknowledgement: undefined,
  notification: "pending",
};
const message = { id: "message-1", kind: "firing", alert } as const;

/** A webhook whose receiver always answers like this. */
async function receiver(status: number, headers: Record<string, string> = {}) {
  const { url, received } = await startServer((_, response) =>
    response.writeHead(status, headers).end("answer"),
  );
  const webhook = new Webhook({ url: `${url}/services/T0/B0/x`, allowPrivate: true, service: "food" });
  onTestFinished(() => webhook.close());
  return { webhook, received, url };
}

describe("a webhook", () => {
  it("gets a message that Slack takes, in which a name can neither link nor mention", async () => {
    const { webhook, received } = await receiver(200);
    expect(await webhook.deliver(message)).toEqual({ isDelivered: true });
    const { headers, body: text } = received[0]!;
    const body = JSON.parse(text) as SlackMessage;
    expect(headers["content-type"]).toBe("application/json");
    expect(headers["idempotency-key"]).toBe("message-1");
    expect(body.text).toBe("Alert (page): Error rate above objective: 2 % &lt;!channel&gt; &amp; more.");
    expect(body.attachments[0]?.fields).toContainEqual({
      title: "Since",
      value: "2026-01-01T14:02:00.000Z",
      short: true,
    });
  });

  it.each([
    [500, true],
    [429, true],
    [404, false],
    [410, false],
  ])("that answers %i is retried: %s", async (status, isRetryable) => {
    const { webhook } = await receiver(status, { "Retry-After": "7" });
    expect(await webhook.deliver(message)).toMatchObject({
      isDelivered: false,
      isRetryable,
      retryAfterMs: 7_000,
    });
  });

  it("is not followed to another address", async () => {
    const target = await receiver(200);
    const { webhook } = await receiver(302, { Location: target.url });
    expect(await webhook.deliver(message)).toMatchObject({ isDelivered: false, isRetryable: false });
    expect(target.received).toEqual([]);
  });

  it("that cannot be reached is retried", async () => {
    const webhook = new Webhook({ url: "http://127.0.0.1:1/x", allowPrivate: true, service: "food" });
    expect(await webhook.deliver(message)).toMatchObject({ isDelivered: false, isRetryable: true });
  });
});

describe("addresses that alerts are not sent to (SEC-5)", () => {
  it.each([
    "http://hooks.example/x",
    "https://user:password@hooks.example/x",
    "https://127.0.0.1/x",
    "https://[::1]/x",
    "https://169.254.169.254/latest/meta-data",
    "https://10.1.2.3/x",
    "https://[::ffff:10.1.2.3]/x",
    "https://2130706433/x",
    "https://0x7f.1/x",
    "file:///etc/passwd",
    "not a URL",
  ])("alerts are not sent to %s", (url) => {
    expect(webhookProblem(url, false)).toBeDefined();
    expect(() => new Webhook({ url, allowPrivate: false, service: "food" })).toThrow(/ALERT_WEBHOOK_URL/);
  });

  it("are permitted on request if they are of a private network, not without encryption", () => {
    expect(webhookProblem("https://10.1.2.3/x", true)).toBeUndefined();
    expect(webhookProblem("http://localhost:9/x", true)).toBeUndefined();
    expect(webhookProblem("http://10.1.2.3/x", true)).toBeDefined();
    expect(webhookProblem("https://hooks.slack.com/services/T0/B0/x", false)).toBeUndefined();
  });

  it("are found when a public name resolves to them", async () => {
    const failure = await new Promise<Error | null>((resolve) =>
      lookupPublic("localhost", {}, (error) => resolve(error)),
    );
    expect(failure?.message).toMatch(/private address/);
    expect(["8.8.8.8", "2606:4700::1111"].map(isPrivateAddress)).toEqual([false, false]);
    expect(["::", "fd00::1", "fe80::1", "100.64.0.1", "::ffff:127.0.0.1"].map(isPrivateAddress)).toEqual(
      Array.from({ length: 5 }, () => true),
    );
  });

  it("stay out of reach for a webhook whose name resolves to this machine", async () => {
    const webhook = new Webhook({ url: "https://localtest.invalid/x", allowPrivate: false, service: "food" });
    expect(await webhook.deliver(message)).toMatchObject({ isDelivered: false });
  });
});
