import type { OperationReport } from "../../store/policies/index.ts";
import type { TransportEvent } from "../../transport/events.ts";
import { BoundedLabels } from "./bounded-labels.ts";
import { Families } from "./families.ts";
import { MinuteRecorder } from "./minute-recorder.ts";
import { type AnswerReport, isCounted, outcomeOf, type RequestReport } from "./reports.ts";

/** Distinct values of one label: far more than the program has routes, stores, models or error codes. */
const maximumLabelValues = 100;

export interface MetricsOptions {
  readonly version?: string;
  /** A counted request that takes longer is slow. Milliseconds; default 2,000. */
  readonly slowAfterMs?: number;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** Text in Prometheus' exposition format, with its content type. */
export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/**
 * What one process measures: for `/metrics`, and by the minute for the objectives and the history. Recording never
 * throws and never waits; it takes a few microseconds a request.
 */
export class Metrics {
  readonly families: Families = new Families();
  readonly minutes: MinuteRecorder;
  readonly #slowAfterMs: number;
  readonly #routes = new BoundedLabels(maximumLabelValues);
  readonly #methods = new BoundedLabels(10);
  readonly #generators = new BoundedLabels(20);
  readonly #codes = new BoundedLabels(maximumLabelValues);
  #inFlight = 0;
  #readDepths: () => Promise<Readonly<Record<string, number>>> = async () => ({});
  readonly #endpoints = new BoundedLabels(maximumLabelValues);

  constructor({ version = "unknown", slowAfterMs = 2_000, now = Date.now }: MetricsOptions = {}) {
    this.#slowAfterMs = slowAfterMs;
    this.minutes = new MinuteRecorder(now);
    this.families.build.set({ version }, 1);
    // A series that begins with its first failure has no rate for it.
    for (const outcome of ["answered", "failed", "refused"]) this.families.requests.inc({ outcome }, 0);
  }

  /** Call it when a request arrives, and the result when it is over. */
  requestStarted(): () => void {
    this.families.inFlight.set(++this.#inFlight);
    return () => this.families.inFlight.set(--this.#inFlight);
  }

  /** Requests that are being answered. */
  get inFlight(): number {
    return this.#inFlight;
  }

  recordRequest(report: RequestReport): void {
    const { method, route, status, error } = report;
    const milliseconds = report.firstTextMs ?? report.milliseconds;
    const outcome = outcomeOf(report);
    this.families.requestDuration.observe(
      {
        method: this.#methods.of(method),
        route: this.#routes.of(route),
        status: outcome === "abandoned" ? "499" : String(status),
      },
      milliseconds / 1_000,
    );
    if (error !== undefined) this.families.errors.inc({ code: this.#codes.of(error) });
    if (!isCounted(route)) return;
    if (error !== undefined) this.minutes.count(`error.${this.#codes.of(error)}`);
    if (outcome === "client-error" || outcome === "abandoned") {
      this.minutes.count(outcome === "abandoned" ? "abandoned" : "clientErrors");
      return;
    }
    this.families.requests.inc({ outcome });
    this.minutes.count("requests");
    if (outcome === "failed" || outcome === "refused") this.minutes.count(outcome);
    // A refusal takes no time and would improve the latency of an overloaded service.
    if (outcome === "refused") return;
    this.families.requestSeconds.inc(milliseconds / 1_000);
    this.minutes.count("milliseconds", milliseconds);
    this.minutes.time("request", milliseconds);
    if (milliseconds <= this.#slowAfterMs) return;
    this.families.slowRequests.inc();
    this.minutes.count("slow");
  }

  recordAnswer({ store, generator, timings, tokens }: AnswerReport): void {
    const outcome = generator === "none" ? "declined" : "answered";
    const name = this.#generators.of(generator);
    this.families.answers.inc({ store, generator: name, outcome });
    this.minutes.count("answers");
    if (outcome === "declined") this.minutes.count("declined");
    for (const phase of ["understanding", "retrieval", "generation", "total"] as const) {
      const milliseconds = timings[phase];
      if (milliseconds === undefined || (phase === "generation" && outcome === "declined")) continue;
      this.families.answerDuration.observe({ phase }, milliseconds / 1_000);
      if (phase !== "total") this.minutes.time(phase, milliseconds);
    }
    if (tokens === undefined) return;
    this.families.tokens.inc({ kind: "prompt", generator: name }, tokens.prompt);
    this.families.tokens.inc({ kind: "completion", generator: name }, tokens.completion);
    this.minutes.count("promptTokens", tokens.prompt);
    this.minutes.count("completionTokens", tokens.completion);
  }

  recordModel({ generator, outcome }: { readonly generator: string; readonly outcome: string }): void {
    const name = this.#generators.of(generator);
    this.families.modelCalls.inc({ generator: name, outcome: this.#codes.of(outcome) });
  }

  recordOperation({ store, operation, milliseconds, outcome, items }: OperationReport): void {
    this.families.storeDuration.observe({ store, operation }, milliseconds / 1_000);
    this.families.storeOperations.inc({ store, operation, outcome: this.#codes.of(outcome) });
    if (items > 0) this.families.storeItems.inc({ store, operation }, items);
    this.minutes.time("store", milliseconds);
  }

  /** @param store the name of the store that the event is about */
  recordTransportEvent(event: TransportEvent, store: string): void {
    const { families } = this;
    switch (event.type) {
      case "attempt-end": {
        const endpoint = this.#endpoints.of(event.endpoint.split("/", 1)[0] as string);
        families.attemptDuration.observe({ store, endpoint }, event.durationMs / 1_000);
        families.attempts.inc({ store, endpoint, status: String(event.status ?? "none") });
        break;
      }
      case "retry-scheduled":
        families.retries.inc({ store, error: this.#codes.of(event.error) });
        this.minutes.count("retries");
        break;
      case "queue-wait":
      case "rate-limit-wait": {
        const reason = event.type === "queue-wait" ? "queue" : "rate-limit";
        families.waits.inc({ store, reason });
        families.waitSeconds.inc({ store, reason }, event.waitMs / 1_000);
        if (reason === "rate-limit") this.minutes.count("rateLimitWaits");
        break;
      }
      case "pause-start":
        families.pauses.inc({ store, access: event.access });
        break;
      case "breaker-open":
        this.minutes.count("breakerOpens");
        this.#breakerChanged(store, "open");
        break;
      case "breaker-half-open":
        this.#breakerChanged(store, "half-open");
        break;
      case "breaker-close":
        this.#breakerChanged(store, "closed");
        break;
      case "token-change":
        families.tokenChanges.inc({ store, access: event.access });
        break;
      case "token-accepted":
        // The log has it.
        break;
      case "request-end":
        // The operation of the store reports the same call.
        break;
    }
  }

  #breakerChanged(store: string, state: "open" | "half-open" | "closed"): void {
    this.families.breakerChanges.inc({ store, state });
    this.families.breakerOpen.set({ store }, state === "open" ? 1 : 0);
  }

  /** @param store the store that answered in place of the primary */
  recordFallback(store: string): void {
    this.families.fallbacks.inc({ store });
    this.minutes.count("fallbacks");
  }

  recordTruncations(count: number): void {
    this.families.truncations.inc(count);
  }

  /** @param readDepths called whenever `/metrics` is read: writes that wait, by names of queues from the program */
  watchQueues(readDepths: () => Promise<Readonly<Record<string, number>>>): void {
    this.#readDepths = readDepths;
  }

  async exposition(): Promise<Exposition> {
    await this.#readQueues();
    const { registry } = this.families;
    return { contentType: registry.contentType, text: await registry.metrics() };
  }

  async #readQueues(): Promise<void> {
    const { queueDepth } = this.families;
    try {
      for (const [queue, depth] of Object.entries(await this.#readDepths())) queueDepth.set({ queue }, depth);
    } catch {
      // Not known is no series: the last value could be hours old.
      queueDepth.reset();
    }
  }
}
