import { isIP } from "node:net";
import { Agent } from "undici";
import { UsageError } from "../../foundation/errors.ts";
import type { AlertMessage } from "../../state/alerts.ts";
import { parseRetryAfter } from "../../transport/retry-after.ts";
import { isLoopback } from "../../transport/safe-url.ts";
import { slackMessage } from "./slack-message.ts";
import { isPrivateAddress, lookupPublic } from "./webhook-address.ts";

export interface WebhookOptions {
  readonly url: string;
  /** Whether it may be in a private network or on this machine. */
  readonly allowPrivate: boolean;
  /** The name of the service in messages. */
  readonly service: string;
}

/** How an attempt ended. */
export type Delivery =
  | { readonly isDelivered: true }
  | {
      readonly isDelivered: false;
      readonly problem: string;
      /** Whether another attempt may succeed. */
      readonly isRetryable: boolean;
      /** Milliseconds that the receiver asked to wait. */
      readonly retryAfterMs?: number;
    };

/** Milliseconds for one attempt. */
const timeoutMs = 5_000;

/** Sends alerts to an address of the settings. */
export class Webhook {
  readonly #options: WebhookOptions;
  readonly #agent: Agent;

  /** @throws {UsageError} unless the address is safe to send to */
  constructor(options: WebhookOptions) {
    requireSafeWebhook(options);
    this.#options = options;
    this.#agent = new Agent({
      connectTimeout: timeoutMs,
      ...(!options.allowPrivate && { connect: { lookup: lookupPublic } }),
    });
  }

  /** Never throws. Redirects are not followed: they could lead to an address that was not checked. */
  async deliver(message: Pick<AlertMessage, "id" | "kind" | "alert">): Promise<Delivery> {
    const { url, service } = this.#options;
    try {
      const request = {
        method: "POST",
        headers: { "Content-Type": "application/json", "Idempotency-Key": message.id },
        body: JSON.stringify(slackMessage(message, service)),
        redirect: "manual" as const,
        signal: AbortSignal.timeout(timeoutMs),
        dispatcher: this.#agent as unknown,
      };
      const response = await fetch(url, request as RequestInit);
      await response.body?.cancel();
      if (response.ok) return { isDelivered: true };
      const { status, headers } = response;
      const retryAfterMs = parseRetryAfter(headers, Date.now());
      return {
        isDelivered: false,
        problem: `the webhook answered ${status}`,
        isRetryable: status === 408 || status === 429 || status >= 500,
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      };
    } catch (error) {
      // The message of the cause may name the address, which is a secret for Slack; the log redacts it.
      const { message: problem } = ((error as Error).cause as Error | undefined) ?? (error as Error);
      return { isDelivered: false, problem, isRetryable: true };
    }
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }
}

function requireSafeWebhook({ url: text, allowPrivate }: WebhookOptions): void {
  const problem = webhookProblem(text, allowPrivate);
  if (problem === undefined) return;
  throw new UsageError(`ALERT_WEBHOOK_URL cannot be used: ${problem}.`, {
    hint: "It looks like https://hooks.slack.com/services/…; ALERT_WEBHOOK_PRIVATE=allow permits addresses of this network.",
  });
}

/** Why alerts must not be sent there; `undefined` if they may. Names are checked again when they are resolved. */
export function webhookProblem(text: string, allowPrivate: boolean): string | undefined {
  if (!URL.canParse(text)) return "it is not a URL";
  const url = new URL(text);
  const isLocal = isLoopback(url);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLocal)) {
    return "it has to be https, or http to this machine";
  }
  if (url.username !== "" || url.password !== "") return "it holds a user name or a password";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isPrivate = isLocal || (isIP(host) > 0 && isPrivateAddress(host));
  return isPrivate && !allowPrivate ? "it is an address of this machine or of a private network" : undefined;
}
