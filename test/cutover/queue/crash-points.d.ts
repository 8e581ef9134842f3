import type { CutoverParts } from "../../../src/cutover/parts.ts";

/**
 * @param reached called at each step with its name; true if the process dies there. A dead process goes no further:
 *   return true ever after
 */
export function withCrashPoints(parts: CutoverParts, reached: (step: string) => boolean): CutoverParts;
