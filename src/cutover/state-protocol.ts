import { SqlCutoverRows } from "../state/cutover/sql-rows.ts";
import type { StateDatabase } from "../state/database.ts";
import { standardGuards } from "./guards.ts";
import type { Protocol } from "./rules/protocol.ts";
import type { Timing } from "./timing.ts";

/** The protocol on a state store. @param pair names the two stores: several pairs share the tables */
export function stateProtocol(state: StateDatabase, pair: string, timing: Timing): Protocol {
  return {
    timing,
    guards: standardGuards,
    transaction: (work, options) =>
      state.transaction((session) => work(new SqlCutoverRows(session, pair)), options),
  };
}
