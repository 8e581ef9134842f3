import { setTimeout as wait } from "node:timers/promises";
import type { CutoverResponse } from "../../src/server/schemas/cutover.ts";
import type { IncidentResponse } from "../../src/server/schemas/incidents.ts";
import type { Stage } from "../../src/state/cutover/rows.ts";
import { Client } from "./client.ts";
import type { Parts, ProcessName } from "./parts.ts";
import { type Impossible, nothing } from "./places.ts";

/** Milliseconds that a step may take at most. */
const stepTimeoutMs = 240_000;

/** Milliseconds that a killed process stays dead. */
const downMs = 1_000;

/** While a client writes, some write is always on its way: older ones have to have arrived. */
const settledLagSeconds = 5;

/** The phase of requests between two faults. */
export const between = "between";

/** The phase of requests until the stores answer fast, which says nothing about a cutover. */
export const warmUp = "warm-up";

/** Seconds of requests, all of them fast, after which the stores count as warm. */
const warmSeconds = 5;

/** Milliseconds after which a rehearsal begins although the machine is too busy for that. */
const longestWarmUpMs = 60_000;

/** The operator of a cutover between real parts, with a client that reads and writes continuously. */
export class Rehearsal {
  readonly client: Client;
  readonly parts: Parts;
  readonly #rate: number;
  readonly #started = performance.now();
  readonly #print: (line: string) => void;
  #stage: Stage | undefined;

  /** @param rate requests of the client a second */
  constructor(parts: Parts, rate: number, print: (line: string) => void) {
    this.parts = parts;
    this.#rate = rate;
    this.#print = print;
    const questions = parts.foods.map(({ text }) => text.split(/\s+/).slice(0, 6).join(" "));
    this.client = new Client(parts.urls, questions, rate);
    this.client.enter(warmUp);
  }

  /**
   * Starts the client, and waits until the stores answer fast: Chroma builds its index for some seconds after it was
   * filled, and does not confirm writes meanwhile.
   */
  async warmUp(): Promise<void> {
    const { client } = this;
    client.start();
    const end = performance.now() + longestWarmUpMs;
    while (client.fastInRow < this.#rate * warmSeconds && performance.now() < end) await wait(100);
    const isWarm = performance.now() < end;
    this.say(isWarm ? "The stores answer fast." : "The stores do not answer fast: the machine is busy.");
    client.enter(between);
  }

  say(line: string): void {
    const seconds = ((performance.now() - this.#started) / 1_000).toFixed(1);
    this.#print(`${seconds.padStart(7)} s  ${line}`);
  }

  /** The cutover as one of the services reports it. */
  async cutover(): Promise<CutoverResponse> {
    const cutover = (await this.#call("GET", "/api/cutover")).body as CutoverResponse;
    if (cutover.stage !== this.#stage) this.say(`Stage ${cutover.stage}, ${cutover.leader} leads.`);
    this.#stage = cutover.stage;
    return cutover;
  }

  /** @returns whether it was done */
  async act(action: string, body: object = {}): Promise<boolean> {
    const { status, body: answer } = await this.#call("POST", `/api/cutover/${action}`, body);
    if (status === 200 || status === 409) return status === 200;
    throw new Error(`${action}: ${status} ${JSON.stringify(answer)}`);
  }

  /** Those of rollbacks, newest first. */
  async incidents(): Promise<readonly IncidentResponse[]> {
    const { body } = await this.#call("GET", "/api/incidents");
    return (body as { incidents: IncidentResponse[] }).incidents.filter(({ kind }) => kind === "rollback");
  }

  /** At a service that answers. */
  async #call(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
    let failure: unknown;
    const end = performance.now() + stepTimeoutMs;
    for (let attempt = 0; performance.now() < end; attempt++) {
      try {
        const response = await fetch(`${this.parts.urls[attempt % this.parts.urls.length]}${path}`, {
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

  /** Waits until no change of the leader is under way. */
  async steady(): Promise<CutoverResponse> {
    let cutover = await this.cutover();
    await this.until("the end of a change of the leader", async () => {
      cutover = await this.cutover();
      return !cutover.isHeld;
    });
    return cutover;
  }

  /** Waits until the gates of the next stage are open. @returns false if the stage changed meanwhile */
  async ready(): Promise<boolean> {
    const { stage } = await this.steady();
    let [closed, said, isSame] = ["", "", true];
    await this.until(
      () => `the gates after ${stage}; closed: ${closed}`,
      async () => {
        const cutover = await this.cutover();
        isSame = cutover.stage === stage && !cutover.isHeld;
        const gates = cutover.gates.filter(({ isOpen }) => !isOpen);
        closed = gates.map(({ title, detail }) => `${title}: ${detail}`).join("; ");
        const titles = gates.map(({ title }) => title).join("; ");
        if (titles !== said && titles !== "") this.say(`Waits. ${closed}`);
        said = titles;
        return !isSame || closed === "";
      },
    );
    return isSame;
  }

  /**
   * Goes to the next stage as soon as the gates are open. Stays, or is back in `source`, if something else happened.
   * @param meanwhile called while the request that changes the stage is on its way
   */
  async goOn(meanwhile: () => Promise<void> = async () => {}): Promise<void> {
    if (!(await this.ready())) return;
    const { stage } = await this.cutover();
    // In canary a share would change the share, and not the stage.
    const share = stage === "shadow-read" ? { canaryPercent: 50 } : {};
    const acting = stage === "source" ? this.act("start") : this.act("advance", share);
    await meanwhile();
    await acting;
    await this.steady();
  }

  /**
   * Goes on to a stage; starts again after a rollback by rule.
   * @param onStage called once in each stage on the way
   */
  async reach(stage: Stage, onStage: (stage: Stage) => Promise<void> = async () => {}): Promise<void> {
    const passed = new Set<Stage>();
    for (;;) {
      const { stage: present } = await this.steady();
      if (present === stage) return;
      if (!passed.has(present)) await onStage(present);
      passed.add(present);
      if (present === "target") await this.rollBack();
      else await this.goOn();
    }
  }

  /** Goes back by hand. */
  async rollBack(meanwhile: () => Promise<void> = async () => {}): Promise<void> {
    const acting = this.act("rollback", { reason: "rehearsal" });
    await meanwhile();
    await acting;
    await this.until("a source that leads", async () => (await this.steady()).stage === "source");
  }

  /** Reaches a stage, with figures of a healthy target for the rules. */
  async warm(stage: Stage): Promise<void> {
    for (let isWarm = false; !isWarm; ) {
      await this.reach(stage);
      await this.until("rules that hold", async () => {
        const { stage: present, isHeld, rules } = await this.cutover();
        isWarm = rules.every(({ state }) => state === "holds");
        // On a busy machine a rule may roll back although nothing is wrong.
        return isWarm || isHeld || present !== stage;
      });
    }
  }

  /** Kills a process for a while. */
  async crash(name: ProcessName, impossible: Impossible = nothing, deadMs: number = downMs): Promise<void> {
    this.say(`kill -9 of ${name}.`);
    const endOutage = this.client.beginOutage(impossible);
    await this.parts.kill(name);
    await wait(deadMs);
    await this.parts.start(name);
    endOutage();
  }

  /** Waits until no write is late. */
  async settled(): Promise<void> {
    await this.until("writes that are on their way", async () => {
      const { lag, queued, isHeld } = await this.cutover();
      return !isHeld && queued === 0 && (lag?.seconds ?? 0) < settledLagSeconds;
    });
  }

  async until(what: string | (() => string), isReached: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + stepTimeoutMs;
    while (!(await isReached())) {
      if (performance.now() > end) {
        throw new Error(`Waited ${stepTimeoutMs / 1_000} s for ${typeof what === "string" ? what : what()}.`);
      }
      await wait(100);
    }
  }
}
