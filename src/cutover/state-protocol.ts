import { SqlCutoverRows } from "../state/cutover/sql-rows.ts";
import type { StateDatabase } from "../state/database.ts";
import { type Guards, standardGuards } from "./guards.ts";
import type { Protocol } from "./rules/protocol.ts";
import type { Timing } from "./timing.ts";

export interface StateProtocolOptions {
  /** Opens the state store, once, at the first transaction. */
  readonly open: () => Promise<StateDatabase>;
  /** Names the two stores: several pairs share the tables. */
  readonly pair: string;
  readonly timing: Timing;
  /** Default: those of two stores. */
  readonly guards?: Guards;
}

/** Writers of a pair go one after the other: all of them take a sequence from the same row. */
const lockTable = "cutover_control";

/** The protocol on a state store. */
export function stateProtocol({
  open,
  pair,
  timing,
  guards = standardGuards,
}: StateProtocolOptions): Protocol {
  let opening: Promise<StateDatabase> | undefined;
  const database = async (): Promise<StateDatabase> => {
    opening ??= open();
    try {
      return await opening;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  };
  return {
    timing,
    guards,
    transaction: async (work, options = {}) =>
      (await database()).transaction(
        (session) => work(new SqlCutoverRows(session, pair)),
        options.readOnly
          ? { readOnly: true }
          : // What waits takes no space that is needed to send it.
            { lockTable, reserve: options.isQueueing ? "keep" : "use" },
      ),
  };
}
