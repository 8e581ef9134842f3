import { DataError } from "../../foundation/errors.ts";
import { salvageHint } from "./faults.ts";

/** A pickle that is cut off, damaged, or that asks for more than data. */
export class PickleError extends DataError {
  static override readonly errorName: string = "PickleError";
  /** The opcode, 0 to 255; `undefined` past the end of the file. */
  readonly opcode: number | undefined;
  /** Bytes from the start of the file. */
  readonly offset: number;

  constructor(file: string, opcode: number | undefined, offset: number, problem: string) {
    const place = `${opcode === undefined ? "" : `opcode ${nameOf(opcode)} `}at byte ${offset}`;
    super(file, `${file}: ${problem} (${place}).`, {
      faults: [{ problem: `${problem} (${place})` }],
      hint: salvageHint,
    });
    this.opcode = opcode;
    this.offset = offset;
  }
}

/** Opcodes that run code or reach outside the file, for which the error gives a name. */
const names: Readonly<Record<number, string>> = {
  80: "PERSID",
  81: "BINPERSID",
  82: "REDUCE",
  99: "GLOBAL",
  105: "INST",
  111: "OBJ",
  129: "NEWOBJ",
  130: "EXT1",
  131: "EXT2",
  132: "EXT4",
  146: "NEWOBJ_EX",
  147: "STACK_GLOBAL",
};

function nameOf(opcode: number): string {
  const number = `0x${opcode.toString(16).padStart(2, "0")}`;
  const name = names[opcode];
  return name === undefined ? number : `${number} (${name})`;
}
