import { setTimeout as wait } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import {
  emulatedFaults,
  isFoundAsExpected,
  noFaults,
  type RehearsedFault,
} from "../../src/composition/rehearsal/faults.ts";
import type { CutoverResponse } from "../../src/server/schemas/cutover.ts";
import type { IncidentResponse } from "../../src/server/schemas/incidents.ts";
import type { Stage } from "../../src/state/cutover/rows.ts";
import type { StoreRecord } from "../../src/store/document.ts";
import type { VectorStore } from "../../src/store/store.ts";
import { Client, type Seen } from "./client.ts";
import type { Parts, ProcessName } from "./parts.ts";

/** Milliseconds that a step may take at most. */
const stepTimeoutMs = 240_000;

/** While a client writes, some write is always on its way: older ones have to have arrived. */
const settledLagSeconds = 5;

/** Result of one fault of the target. */
export interface FaultResult {
  readonly fault: RehearsedFault;
  readonly stage: Stage;
  readonly rules: readonly string[];
  /** Seconds from the fault to the rollback. */
  readonly ruleSeconds: number;
  /** Seconds from the rollback to the last read that went to the target. */
  readonly switchSeconds: number;
  /** Seconds from the fault until the source led again. */
  readonly leadsSeconds: number;
  readonly seen: Seen;
  readonly report: string;
}

/** The operator of a cutover between real parts, with a client that reads and writes all the while. */
export class Rehearsal {
  readonly client: Client;
  readonly #parts: Parts;
  readonly #started = performance.now();
  readonly #print: (line: string) => void;

  /** @param rate requests of the client a second */
  constructor(parts: Parts, rate: number, print: (line: string) => void) {
    this.#parts = parts;
    this.#print = print;
    const questions = parts.foods.map(({ text }) => text.split(/\s+/).slice(0, 6).join(" "));
    this.client = new Client(parts.urls, questions, rate);
  }

  say(line: string): void {
    const seconds = ((performance.now() - this.#started) / 1_000).toFixed(1);
    this.#print(`${seconds.padStart(7)} s  ${line}`);
  }

  /** The cutover as one of the services reports it. */
  async cutover(): Promise<CutoverResponse> {
    return (await this.#call("GET", "/api/cutover")).body as CutoverResponse;
  }

  /** @returns whether it was done */
  async act(action: string, body: object = {}): Promise<boolean> {
    const { status, body: answer } = await this.#call("POST", `/api/cutover/${action}`, body);
    if (status === 200 || status === 409) return status === 200;
    throw new Error(`${action}: ${status} ${JSON.stringify(answer)}`);
  }

  /** At a service that answers. */
  async #call(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
    let failure: unknown;
    const end = performance.now() + stepTimeoutMs;
    for (let attempt = 0; performance.now() < end; attempt++) {
      try {
        const response = await fetch(`${this.#parts.urls[attempt % this.#parts.urls.length]}${path}`, {
          method,
          signal: AbortSignal.timeout(15_000),
          ...(body && { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
        });
        const answer = (await response.json()) as unknown;
        // Without the state store, and after a lost answer of a change, only asking again helps.
        if (response.status < 500) return { status: response.status, body: answer };
        failure = JSON.stringify(answer);
      } catch (error) {
        failure = error;
      }
      await wait(100);
    }
    throw new Error(`${method} ${path} has no answer: ${failure}`);
  }

  /**
   * Goes on to a stage as soon as the gates open; starts again after a rollback.
   * @param onStage called once in each stage on the way, and in it
   * @param onChange called with the name of a stage while the request that leaves it is on its way
   */
  async reach(
    stage: Stage,
    onStage: (stage: Stage) => Promise<void> = async () => {},
    onChange: (change: string) => Promise<void> = async () => {},
  ): Promise<void> {
    let last: Stage | undefined;
    let [closed, said] = ["", ""];
    await this.until(
      () => `the stage ${stage} from ${last}; closed: ${closed}`,
      async () => {
        const cutover = await this.cutover();
        if (cutover.stage !== last) {
          last = cutover.stage;
          this.say(`Stage ${last}, ${cutover.leader} leads.`);
          this.client.enter(last);
          await onStage(last);
          return last === stage && !cutover.isHeld;
        }
        if (cutover.stage === stage && !cutover.isHeld) return true;
        if (cutover.isHeld) return false;
        closed = cutover.gates
          .flatMap((gate) => (gate.isOpen ? [] : [`${gate.title}: ${gate.detail}`]))
          .join("; ");
        if (cutover.stage !== "source" && closed !== "") {
          if (closed.slice(0, 30) !== said) this.say(`Closed: ${closed}`);
          said = closed.slice(0, 30);
          return false;
        }
        // In canary a share would change the share, and not the stage.
        const share = last === "shadow-read" ? { canaryPercent: 50 } : {};
        const acting = cutover.stage === "source" ? this.act("start") : this.act("advance", share);
        await onChange(cutover.stage);
        await acting;
        return false;
      },
      () => last,
    );
  }

  /** As `reach`, with a `kill -9` in the moment of each change. */
  async reachKillingAtTransitions(stage: Stage, name: ProcessName): Promise<void> {
    const killed = new Set<string>();
    let restarting: Promise<void> | undefined;
    const onChange = async (action: string) => {
      if (killed.has(action)) return;
      killed.add(action);
      await restarting;
      restarting = this.crash(name);
    };
    await this.reach(stage, undefined, onChange);
    await restarting;
  }

  /** The rules have figures of a healthy target. */
  async warm(): Promise<void> {
    await this.until("rules that hold", async () => {
      const { rules } = await this.cutover();
      return rules.every(({ state }) => state === "holds");
    });
  }

  /** The target fails, the rules roll back, and the source leads again. */
  async suffer(fault: RehearsedFault): Promise<FaultResult> {
    await this.warm();
    const { stage } = await this.cutover();
    const known = new Set((await this.#incidents()).map(({ id }) => id));
    this.say(`The target turns ${fault}.`);
    const seen = this.client.enter(`${stage}, ${fault}`);
    const startedAt = Date.now();
    await this.#cause(fault);
    let incident: IncidentResponse | undefined;
    await this.until(`the rollback from a target that is ${fault}`, async () => {
      incident = (await this.#incidents()).find(({ id }) => !known.has(id));
      return incident !== undefined;
    });
    const rolledBackAt = Date.parse((incident as IncidentResponse).openedAt);
    await this.until("a source that leads", async () => {
      const { stage: now, isHeld } = await this.cutover();
      return now === "source" && !isHeld;
    });
    const leadsSeconds = (Date.now() - startedAt) / 1_000;
    const switchSeconds = Math.max(0, this.client.targetAskedAt - rolledBackAt) / 1_000;
    await this.#parts.setFaults(noFaults);
    const { id } = incident as IncidentResponse;
    let closed: IncidentResponse | undefined;
    await this.until("the report of the incident", async () => {
      closed = (await this.#incidents()).find((each) => each.id === id && each.closedAt !== null);
      return closed !== undefined;
    });
    const { rules } = (closed as unknown as IncidentResponse).evidence as { rules: { name: string }[] };
    const result: FaultResult = {
      fault,
      stage,
      rules: rules.map(({ name }) => name),
      ruleSeconds: (rolledBackAt - startedAt) / 1_000,
      switchSeconds,
      leadsSeconds,
      seen,
      report: closed?.report ?? "",
    };
    this.say(
      `Rolled back by ${result.rules.join(", ")} after ${result.ruleSeconds.toFixed(1)} s; reads went to the target for ${switchSeconds.toFixed(1)} s more; the source led after ${leadsSeconds.toFixed(1)} s.`,
    );
    return result;
  }

  async #incidents(): Promise<readonly IncidentResponse[]> {
    const { body } = await this.#call("GET", "/api/incidents");
    return (body as { incidents: IncidentResponse[] }).incidents.filter(({ kind }) => kind === "rollback");
  }

  async #cause(fault: RehearsedFault): Promise<void> {
    if (fault !== "wrong") return await this.#parts.setFaults(emulatedFaults[fault]);
    const { target } = this.#parts.stores;
    const id = this.#parts.foods[0]?.id as string;
    const [record] = await target.fetch([id], { includeVectors: true });
    await target.upsertRecords([{ ...(record as StoreRecord), text: "Altered behind the cutover." }]);
  }

  /** Kills a process for a while. @returns seconds from the kill until no write waits for long */
  async crashAndSettle(name: ProcessName): Promise<number> {
    const started = performance.now();
    await this.crash(name);
    await this.until(
      () => `writes that are on their way after kill -9 of ${name}`,
      async () => {
        const { lag, queued } = await this.cutover();
        return queued === 0 && (lag?.seconds ?? 0) < settledLagSeconds;
      },
    );
    const seconds = (performance.now() - started) / 1_000;
    this.say(`Settled ${seconds.toFixed(1)} s after the kill.`);
    return seconds;
  }

  /** Kills a process for a while. */
  async crash(name: ProcessName, downMs = 1_000): Promise<void> {
    this.say(`kill -9 of ${name}.`);
    await this.#parts.kill(name);
    await wait(downMs);
    await this.#parts.start(name);
  }

  /** Waits until no write is on its way, and compares both stores with what the client knows. @returns problems */
  async check(): Promise<string[]> {
    this.say("The client stops; the outbox is drained.");
    await this.client.stop();
    await this.until("an empty outbox", async () => {
      const { lag, isHeld, queued } = await this.cutover();
      return !isHeld && queued === 0 && (lag?.records ?? 0) === 0;
    });
    const { source, target } = this.#parts.stores;
    const [left, right] = [await recordsOf(source), await recordsOf(target)];
    const problems: string[] = [];
    for (const [id, { acknowledged, unknown }] of this.client.expected) {
      const allowed = [acknowledged, ...unknown];
      for (const [name, records] of [
        ["source", left],
        ["target", right],
      ] as const) {
        const found = records.get(id)?.text;
        if (!allowed.includes(found)) {
          problems.push(`${id} in the ${name}: ${JSON.stringify(found)}, allowed ${JSON.stringify(allowed)}`);
        }
      }
    }
    for (const id of new Set([...left.keys(), ...right.keys()])) {
      const [one, other] = [left.get(id), right.get(id)];
      if (one?.text !== other?.text || !isDeepStrictEqual(one?.metadata, other?.metadata)) {
        problems.push(`${id} differs: ${JSON.stringify(one)} and ${JSON.stringify(other)}`);
      }
    }
    this.say(`${this.client.expected.size} ids were written; problems: ${problems.length}.`);
    return problems;
  }

  /** @param step what is done: the time limit is that of one step. Default: one step */
  async until(
    what: string | (() => string),
    isReached: () => Promise<boolean>,
    step: () => unknown = () => "",
  ): Promise<void> {
    let [end, present] = [performance.now() + stepTimeoutMs, step()];
    while (!(await isReached())) {
      if (step() !== present) [end, present] = [performance.now() + stepTimeoutMs, step()];
      if (performance.now() > end) {
        throw new Error(`Waited ${stepTimeoutMs / 1_000} s for ${typeof what === "string" ? what : what()}.`);
      }
      await wait(100);
    }
  }
}

/** What is wrong with the result of a fault; empty if nothing is. */
export function problemsOf({ fault, stage, rules, seen, report }: FaultResult): string[] {
  const problems: string[] = [];
  if (!isFoundAsExpected(fault, rules)) {
    problems.push(`${fault}: rolled back by ${rules.join(", ")}`);
  }
  const requests = seen.reads + seen.writes;
  const failed = seen.failedReads + seen.failedWrites;
  if (failed >= requests / 100) {
    problems.push(`${fault}: ${failed} of ${requests} requests failed: ${seen.failures.join(" | ")}`);
  }
  const wanted = [
    ` rolled back in the stage ${stage} on `,
    "## State of the data",
    ...rules.map((name) => `- **${name}**: `),
  ];
  for (const text of wanted)
    if (!report.includes(text)) problems.push(`${fault}: the report lacks "${text}"`);
  return problems;
}

async function recordsOf(store: VectorStore): Promise<Map<string, StoreRecord>> {
  const records = new Map<string, StoreRecord>();
  for await (const page of store.range({ pageSize: 500 }))
    for (const record of page) records.set(record.id, record);
  return records;
}
