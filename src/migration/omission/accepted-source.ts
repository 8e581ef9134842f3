import type { StoreRecord } from "../../store/document.ts";
import type { RefusedRecords } from "../ledger/index.ts";
import type { Omission } from "../omission.ts";
import { SelectedSource } from "../selected-source.ts";
import type { RecordSource } from "../source.ts";

/** Why a target does not take a record; `undefined` if it does. */
export type RefusalRule = (record: StoreRecord) => Pick<Omission, "reason" | "hash"> | undefined;

export interface AcceptedSourceOptions {
  /** The records that the target has refused so far; an import adds to them. */
  readonly refused: () => RefusedRecords;
  readonly ruleFor: (refused: RefusedRecords) => RefusalRule;
  /** The rule needs the vectors of a record. */
  readonly needsVectors: boolean;
}

/** The records of a source that a target takes; each of the others is reported as an omission. */
export class AcceptedSource extends SelectedSource {
  constructor(source: RecordSource, { refused, ruleFor, needsVectors }: AcceptedSourceOptions) {
    super(source.name, source, {
      needsVectors,
      version: () => refused().size,
      select: ({ onOmission }) => {
        const refusalOf = ruleFor(refused());
        return (record) => {
          const refusal = refusalOf(record);
          if (refusal) onOmission?.({ id: record.id, ...refusal });
          return refusal === undefined;
        };
      },
    });
  }
}
