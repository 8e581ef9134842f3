import { checksum } from "../../sqlite/checksum.ts";
import type { RecordKey } from "./rows.ts";

/** What decides what a write does, and where. */
interface Sealed extends RecordKey {
  readonly sequence: number;
  readonly operation: string;
}

/** No checksum has this value: a write that is known to be damaged stays so. */
export const damagedSeal = -1;

/** The checksum of a write: a bit that flips on the disk is noticed before the write is sent. */
export function sealOf({ sequence, namespace, id, operation }: Sealed): number {
  return checksum(sequence, namespace, id, operation);
}
