import { expect, it } from "vitest";
import { changeStage } from "../../src/cutover/rules/change.ts";
import { stateProtocol } from "../../src/cutover/state-protocol.ts";
import { cutoverHistory } from "../../src/cutover/status.ts";
import { defaultTiming } from "../../src/cutover/timing.ts";
import { rollBack } from "../../src/cutover/watch/roll-back.ts";
import type { StateDatabase, StateSession } from "../../src/state/database.ts";
import { listIncidents } from "../../src/state/incidents.ts";
import { describeOnEachStore } from "../state/contract.ts";

const names = { source: "chroma", target: "upstash" };
const author = { who: "Ada", reason: "answers are worse" };

class Killed extends Error {}

/** A process that dies at one of its steps: each statement, and each commit, is one. */
class DyingState implements StateDatabase {
  readonly kind: StateDatabase["kind"];
  readonly location: string;
  isDead = false;
  readonly #state: StateDatabase;
  #left: number;

  constructor(state: StateDatabase, deathAt: number) {
    this.kind = state.kind;
    this.location = state.location;
    this.#state = state;
    this.#left = deathAt;
  }

  #step(): void {
    if (--this.#left <= 0) this.isDead = true;
    if (this.isDead) throw new Killed();
  }

  async transaction<T>(
    work: (session: StateSession) => Promise<T>,
    options?: Parameters<StateDatabase["transaction"]>[1],
  ): Promise<T> {
    const result = await this.#state.transaction(
      (session) =>
        work({
          all: (sql, ...values) => this.#before(() => session.all(sql, ...values)),
          get: (sql, ...values) => this.#before(() => session.get(sql, ...values)),
          run: (sql, ...values) => this.#before(() => session.run(sql, ...values)),
          now: () => session.now(),
        }),
      options,
    );
    this.#step();
    return result;
  }

  async #before<T>(statement: () => Promise<T>): Promise<T> {
    this.#step();
    return await statement();
  }

  async close(): Promise<void> {}
}

function protocolOf(state: StateDatabase) {
  return stateProtocol({ open: async () => state, pair: "main", timing: defaultTiming });
}

/** What another process finds. */
async function found(state: StateDatabase) {
  const [change] = await cutoverHistory(protocolOf(state), 1);
  return { change, incidents: await state.transaction((session) => listIncidents(session)) };
}

describeOnEachStore("a rollback and its incident (CUT-2)", (create) => {
  it("are kept both or neither, whichever step the process dies at", async () => {
    const store = create();
    const [state, other] = [await store.open(), await store.open()];
    const events: string[] = [];
    for (let deathAt = 1; events.at(-1) !== "all steps"; deathAt++) {
      const before = (await found(other)).incidents.length;
      await changeStage(protocolOf(state), "start", author, { holdId: "none" });
      const dying = new DyingState(state, deathAt);
      await rollBack({ protocol: protocolOf(dying), names }, author, []).catch((error) => {
        expect(error).toBeInstanceOf(Killed);
      });
      const { change, incidents } = await found(other);
      const isRolledBack = change?.event === "rollback";
      expect(incidents.length - before).toBe(isRolledBack ? 1 : 0);
      if (!isRolledBack) continue;
      expect(incidents[0]).toMatchObject({
        openedAt: change.at,
        evidence: { epoch: change.epoch, from: "dual-write", ...author },
      });
      events.push(dying.isDead ? "after the commit" : "all steps");
      // The next round rolls back a cutover that has settled.
      await state.transaction((session) => session.run("DELETE FROM cutover_control"));
    }
    expect(events).toEqual(["after the commit", "all steps"]);
  });
});
