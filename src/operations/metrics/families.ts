import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** Seconds. Two bounds are those of the objectives, 0.5 and 2, so that Prometheus counts them exactly. */
const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60];

/** Seconds. The embedded index answers in less than a millisecond. */
const storeBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * The metric families of `/metrics`, named by Prometheus' conventions. A label value is a name from the program or
 * from the settings: never an id, a namespace, or text from a request.
 */
export class Families {
  readonly registry: Registry = new Registry();

  readonly requestDuration: Histogram<"method" | "route" | "status"> = this.#histogram(
    "ragfood_http_request_duration_seconds",
    "Time from the arrival of a request to the end of its answer; until the first text if the answer is streamed.",
    ["method", "route", "status"],
    requestBuckets,
  );
  readonly requests: Counter<"outcome"> = this.#counter(
    "ragfood_objective_requests_total",
    "Requests that the objectives count, by outcome: answered, failed, refused.",
    ["outcome"],
  );
  readonly slowRequests: Counter<never> = this.#counter(
    "ragfood_objective_slow_requests_total",
    "Counted requests that took longer than the objective for the 99th percentile.",
    [],
  );
  readonly requestSeconds: Counter<never> = this.#counter(
    "ragfood_objective_request_seconds_total",
    "Sum of the durations of counted requests.",
    [],
  );
  readonly inFlight: Gauge<never> = this.#gauge(
    "ragfood_http_requests_in_flight",
    "Requests that are being answered.",
    [],
  );
  readonly answerDuration: Histogram<"phase"> = this.#histogram(
    "ragfood_answer_duration_seconds",
    "Time of one phase of an answer: understanding, retrieval, generation, total.",
    ["phase"],
    requestBuckets,
  );
  readonly answers: Counter<"store" | "generator" | "outcome"> = this.#counter(
    "ragfood_answers_total",
    "Answers, by the store that had the sources, the generator, and the outcome: answered or declined.",
    ["store", "generator", "outcome"],
  );
  readonly tokens: Counter<"kind" | "generator"> = this.#counter(
    "ragfood_tokens_total",
    "Tokens of language models, as the generator reports them: prompt or completion.",
    ["kind", "generator"],
  );
  readonly storeDuration: Histogram<"store" | "operation"> = this.#histogram(
    "ragfood_store_operation_duration_seconds",
    "Time of one call to a store, retries included.",
    ["store", "operation"],
    storeBuckets,
  );
  readonly storeOperations: Counter<"store" | "operation" | "outcome"> = this.#counter(
    "ragfood_store_operations_total",
    "Calls to a store, by outcome: ok, abandoned, or the code of the error.",
    ["store", "operation", "outcome"],
  );
  readonly storeItems: Counter<"store" | "operation"> = this.#counter(
    "ragfood_store_items_total",
    "Records that calls to a store wrote, found or deleted.",
    ["store", "operation"],
  );
  readonly attemptDuration: Histogram<"store" | "endpoint"> = this.#histogram(
    "ragfood_transport_attempt_duration_seconds",
    "Time of one HTTP request to a store.",
    ["store", "endpoint"],
    storeBuckets,
  );
  readonly attempts: Counter<"store" | "endpoint" | "status"> = this.#counter(
    "ragfood_transport_attempts_total",
    "HTTP requests to a store, by status; none if no answer arrived.",
    ["store", "endpoint", "status"],
  );
  readonly retries: Counter<"store" | "error"> = this.#counter(
    "ragfood_transport_retries_total",
    "Retries that were scheduled, by the error of the attempt before.",
    ["store", "error"],
  );
  readonly waits: Counter<"store" | "reason"> = this.#counter(
    "ragfood_transport_waits_total",
    "Calls that waited before they were sent: for a slot (queue), or for the rate limit.",
    ["store", "reason"],
  );
  readonly waitSeconds: Counter<"store" | "reason"> = this.#counter(
    "ragfood_transport_wait_seconds_total",
    "Sum of these waits.",
    ["store", "reason"],
  );
  readonly pauses: Counter<"store" | "access"> = this.#counter(
    "ragfood_transport_pauses_total",
    "Pauses that a store asked for with status 429.",
    ["store", "access"],
  );
  readonly breakerChanges: Counter<"store" | "state"> = this.#counter(
    "ragfood_breaker_changes_total",
    "Changes of the circuit breaker of a store, by the new state: open, half-open, closed.",
    ["store", "state"],
  );
  readonly breakerOpen: Gauge<"store"> = this.#gauge(
    "ragfood_breaker_open",
    "1 if the circuit breaker of a store is open.",
    ["store"],
  );
  readonly tokenChanges: Counter<"store" | "access"> = this.#counter(
    "ragfood_transport_token_changes_total",
    "Tokens that a store refused and that were replaced with the ones in .env.",
    ["store", "access"],
  );
  readonly fallbacks: Counter<"store"> = this.#counter(
    "ragfood_fallbacks_total",
    "Reads that a secondary store answered because the primary failed.",
    ["store"],
  );
  readonly modelCalls: Counter<"generator" | "outcome"> = this.#counter(
    "ragfood_model_calls_total",
    "Calls to a language model, by outcome: ok, the code of the error, or circuit-open if it was not asked.",
    ["generator", "outcome"],
  );
  readonly queueDepth: Gauge<"queue"> = this.#gauge(
    "ragfood_queue_depth",
    "Writes that wait in a queue, of all replicas that share the state: cutover, fallback, outage; parked: refused for good.",
    ["queue"],
  );
  readonly errors: Counter<"code"> = this.#counter(
    "ragfood_errors_total",
    "Errors that requests ended with, by code.",
    ["code"],
  );
  readonly truncations: Counter<never> = this.#counter(
    "ragfood_embedding_truncations_total",
    "Texts that the embedding model could not read to their end.",
    [],
  );
  readonly historyFailures: Counter<never> = this.#counter(
    "ragfood_metric_history_write_failures_total",
    "Failed writes of the metric history to the state store.",
    [],
  );
  readonly logFailures: Counter<never> = this.#counter(
    "ragfood_log_write_failures_total",
    "Failed writes of the log file; the lines are still written to the standard output.",
    [],
  );
  readonly alertsFiring: Gauge<"alert" | "severity"> = this.#gauge(
    "ragfood_alert_firing",
    "1 for each alert that fires, of all replicas.",
    ["alert", "severity"],
  );
  readonly objectiveTarget: Gauge<"objective"> = this.#gauge(
    "ragfood_objective_target",
    "Targets: average and p99 in seconds, availability and errors as ratios.",
    ["objective"],
  );
  readonly notifications: Counter<"outcome"> = this.#counter(
    "ragfood_alert_notifications_total",
    "Messages to the webhook, by outcome: delivered, failed.",
    ["outcome"],
  );
  readonly eventClients: Gauge<never> = this.#gauge(
    "ragfood_event_clients",
    "Clients that read /api/events.",
    [],
  );
  readonly build: Gauge<"version"> = this.#gauge(
    "ragfood_build_info",
    "1, with the version of the program.",
    ["version"],
  );

  /** Adds the metrics of the process: memory, processor, event loop, garbage collection. */
  addProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  #histogram<T extends string>(
    name: string,
    help: string,
    labelNames: readonly T[],
    buckets: number[],
  ): Histogram<T> {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }

  #counter<T extends string>(name: string, help: string, labelNames: readonly T[]): Counter<T> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge<T extends string>(name: string, help: string, labelNames: readonly T[]): Gauge<T> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }
}
