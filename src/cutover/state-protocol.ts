import { SqlCutoverRows } from "../state/cutover/sql-rows.ts";
import type { StateDatabase } from "../state/database.ts";
import { type Guards, standardGuards } from "./guards.ts";
import { type BindingOptions, noteFiles, requireBound } from "./rules/bind.ts";
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
  /** The two stores of this process. Without them, it writes and reads none: a command that shows or changes the stage. */
  readonly binding?: BindingOptions | undefined;
}

/** Writers of a pair go one after the other: all of them take a sequence from the same row. */
const lockTable = "cutover_control";

/** The protocol on a state store. */
export function stateProtocol({
  open,
  pair,
  timing,
  guards = standardGuards,
  binding,
}: StateProtocolOptions): Protocol {
  let opening: Promise<StateDatabase> | undefined;
  let areFilesNoted = binding?.files === undefined;
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
    transaction: async (work, options = {}) => {
      const isReadOnly = options.readOnly === true;
      const { reserve = "use" } = options;
      let hasNoted = false;
      const result = await (await database()).transaction(
        async (session) => {
          const rows = new SqlCutoverRows(session, pair);
          if (binding) await requireBound(rows, binding, isReadOnly);
          if (binding?.files && !areFilesNoted && !isReadOnly)
            hasNoted = await noteFiles(rows, binding.files);
          return work(rows);
        },
        isReadOnly ? { readOnly: true } : { lockTable, ...(reserve !== "none" && { reserve }) },
      );
      areFilesNoted ||= hasNoted;
      return result;
    },
  };
}
