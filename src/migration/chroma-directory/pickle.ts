import { quoted } from "../../foundation/quoted.ts";
import type { BinaryFile } from "./binary-file.ts";
import { ByteCursor } from "./byte-cursor.ts";
import { PickleError } from "./pickle-error.ts";
import { PickleMemo, type PickleText } from "./pickle-memo.ts";

/** One pair of a dictionary. */
export interface PickleEntry {
  /** The key under which the outer dictionary holds this one; `undefined` for the outer dictionary's own pairs. */
  readonly container: string | undefined;
  /** `undefined` for a text that was not asked for, and for any other value. */
  readonly key: string | number | undefined;
  readonly value: string | number | undefined;
}

type Value =
  | { readonly kind: "text"; readonly text: PickleText }
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "dictionary"; readonly name: string | undefined }
  | { readonly kind: "mark" | "none" | "tuple" | "class" | "object" };

/** Values that wait on the stack at a time. Chroma's own pickles need at most 17. */
const maximumDepth = 24;
/** Bytes of one text. Ids are shorter. */
const maximumTextBytes = 2 ** 24;
/** The one class that a pickle of Chroma names: Python 0.4 to 0.6 stores the attributes of such an object. */
const knownClass = /^chromadb\.[\w.]+ PersistentData$/;

/**
 * Reads the pairs of a pickle of one dictionary of dictionaries, as Chroma's `index_metadata.pickle` is, one
 * after the other and without building it. Reads only data: nothing is ever imported, called or executed.
 * The opcodes are those of Python's `pickletools`.
 *
 * @param wanted the containers whose texts are needed; those of others are passed over
 * @throws {PickleError}
 */
export function* readPickle(file: BinaryFile, wanted: ReadonlySet<string>): Generator<PickleEntry> {
  const machine = new PickleMachine(file, wanted);
  while (!machine.isDone) yield* machine.step();
}

class PickleMachine {
  readonly #file: BinaryFile;
  readonly #cursor: ByteCursor;
  readonly #wanted: ReadonlySet<string>;
  readonly #memo: PickleMemo;
  readonly #stack: Value[] = [];
  #opcode: number | undefined;
  #offset = 0;
  /** Pairs that the current step has completed. */
  #pairs: PickleEntry[] = [];
  #isDone = false;

  constructor(file: BinaryFile, wanted: ReadonlySet<string>) {
    this.#file = file;
    this.#cursor = new ByteCursor(file);
    this.#wanted = wanted;
    this.#memo = new PickleMemo(file);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** Does what the next opcode says. @returns the pairs that this completes */
  step(): PickleEntry[] {
    this.#offset = this.#cursor.position;
    this.#opcode = undefined;
    this.#opcode = this.#take(1).readUInt8();
    this.#perform(this.#opcode);
    if (this.#pairs.length === 0) return this.#pairs;
    const pairs = this.#pairs;
    this.#pairs = [];
    return pairs;
  }

  #perform(opcode: number): void {
    switch (opcode) {
      case 0x80: // PROTO
        this.#take(1);
        break;
      case 0x95: // FRAME
        this.#take(8);
        break;
      case 0x8c: // SHORT_BINUNICODE
        this.#pushText(this.#take(1).readUInt8());
        break;
      case 0x58: // BINUNICODE
        this.#pushText(this.#take(4).readUInt32LE());
        break;
      case 0x8d: // BINUNICODE8
        this.#pushText(Number(this.#take(8).readBigUInt64LE()));
        break;
      case 0x4b: // BININT1
        this.#pushNumber(this.#take(1).readUInt8());
        break;
      case 0x4d: // BININT2
        this.#pushNumber(this.#take(2).readUInt16LE());
        break;
      case 0x4a: // BININT
        this.#pushNumber(this.#take(4).readInt32LE());
        break;
      case 0x8a: // LONG1
        this.#pushNumber(this.#long(this.#take(1).readUInt8()));
        break;
      case 0x4e: // NONE
        this.#push({ kind: "none" });
        break;
      case 0x94: // MEMOIZE
        this.#memoize(this.#memo.size);
        break;
      case 0x71: // BINPUT
        this.#memoize(this.#take(1).readUInt8());
        break;
      case 0x72: // LONG_BINPUT
        this.#memoize(this.#take(4).readUInt32LE());
        break;
      case 0x68: // BINGET
        this.#recall(this.#take(1).readUInt8());
        break;
      case 0x6a: // LONG_BINGET
        this.#recall(this.#take(4).readUInt32LE());
        break;
      case 0x7d: // EMPTY_DICT
        this.#openDictionary();
        break;
      case 0x28: // MARK
        if (this.#top()?.kind !== "dictionary") throw this.#fault("a mark comes without an open dictionary");
        this.#stack.push({ kind: "mark" });
        break;
      case 0x73: // SETITEM
        this.#setItem();
        break;
      case 0x75: // SETITEMS
        this.#setItems();
        break;
      case 0x29: // EMPTY_TUPLE
        this.#push({ kind: "tuple" });
        break;
      case 0x93: // STACK_GLOBAL
        this.#nameClass();
        break;
      case 0x81: // NEWOBJ
        this.#pop("tuple");
        this.#pop("class");
        this.#push({ kind: "object" });
        break;
      case 0x62: // BUILD
        this.#pop("dictionary");
        if (this.#top()?.kind !== "object") throw this.#fault("attributes belong to no object");
        break;
      case 0x2e: // STOP
        this.#stop();
        break;
      default:
        throw this.#fault("this opcode is not data, and only data is read");
    }
  }

  /** What follows a whole pair hands that pair out. A dictionary may yet be filled, and waits. */
  #push(value: Value): void {
    if (this.#stack.at(-3)?.kind === "mark" && this.#top()?.kind !== "dictionary") this.#takePair(-4);
    if (this.#stack.length >= maximumDepth) throw this.#fault("it nests deeper than the pickles of Chroma");
    this.#stack.push(value);
  }

  #pushNumber(number: number): void {
    this.#push({ kind: "number", number });
  }

  #pushText(bytes: number): void {
    const offset = this.#cursor.position;
    if (bytes > this.#cursor.remaining) throw this.#fault("the file ends in the middle of a text");
    if (bytes > maximumTextBytes) throw this.#fault(`a text of ${bytes} bytes is longer than any id`);
    const isNeeded = this.#needsText();
    const string = isNeeded ? this.#decode(this.#cursor.takeMany(bytes)) : undefined;
    if (!isNeeded) this.#cursor.skip(bytes);
    this.#push({ kind: "text", text: { offset, bytes, string } });
  }

  /** Texts of the outer dictionary name its parts; those of an inner one are needed if it is wanted. */
  #needsText(): boolean {
    const name = this.#top()?.kind === "dictionary" ? undefined : this.#openedLast()?.name;
    return name === undefined || this.#wanted.has(name);
  }

  /** The dictionary whose pairs come now. */
  #openedLast(): Extract<Value, { kind: "dictionary" }> | undefined {
    const mark = this.#stack.findLastIndex((value) => value.kind === "mark");
    const value = mark < 0 ? undefined : this.#stack[mark - 1];
    return value?.kind === "dictionary" ? value : undefined;
  }

  #decode(bytes: Uint8Array): string {
    try {
      return utf8.decode(bytes);
    } catch {
      throw this.#fault("a text is not UTF-8");
    }
  }

  #long(length: number): number {
    if (length > 8) throw this.#fault(`a whole number of ${length} bytes is larger than any of Chroma's`);
    const bytes = this.#take(length);
    let value = 0n;
    for (let place = length - 1; place >= 0; place--) value = value * 256n + BigInt(bytes[place] as number);
    return Number(BigInt.asIntN(length * 8, value));
  }

  #memoize(place: number): void {
    const value = this.#top();
    if (value === undefined) throw this.#fault("nothing is on the stack to be remembered");
    const isStored = this.#memo.store(place, value.kind === "text" ? value.text : undefined);
    if (!isStored) throw this.#fault("it remembers more than it holds, or not in order");
  }

  #recall(place: number): void {
    const found = this.#memo.find(place);
    if (found === undefined) throw this.#fault("it refers to a text that did not come before");
    const string = this.#needsText() ? this.#decode(this.#memo.read(found)) : undefined;
    this.#push({ kind: "text", text: { ...found, string } });
  }

  #openDictionary(): void {
    const key = this.#top();
    const isOuter = key === undefined || key.kind === "object";
    const name = key?.kind === "text" ? key.text.string : undefined;
    if (!isOuter && (name === undefined || this.#openedLast()?.name !== undefined)) {
      throw this.#fault("a dictionary comes at a place where Chroma writes none");
    }
    this.#push({ kind: "dictionary", name });
  }

  #setItem(): void {
    if (this.#stack.at(-3)?.kind !== "dictionary") throw this.#fault("a pair belongs to no dictionary");
    this.#takePair(-3);
  }

  /** Ends the pairs after the last mark. */
  #setItems(): void {
    const mark = this.#stack.findLastIndex((value) => value.kind === "mark");
    if (mark < 0 || (this.#stack.length - mark) % 2 === 0) throw this.#fault("a key has no value");
    while (this.#stack.length > mark + 1) this.#takePair(mark - 1);
    this.#stack.pop();
  }

  /** Takes the two values on top as a pair of the dictionary at this place of the stack. */
  #takePair(place: number): void {
    const dictionary = this.#stack.at(place);
    const value = this.#stack.pop();
    const key = this.#stack.pop();
    if (dictionary?.kind !== "dictionary" || key === undefined || value === undefined) {
      throw this.#fault("a pair belongs to no dictionary");
    }
    this.#pairs.push({ container: dictionary.name, key: plain(key), value: plain(value) });
  }

  #nameClass(): void {
    const name = plain(this.#pop("text"));
    const module = plain(this.#pop("text"));
    if (!knownClass.test(`${module} ${name}`)) {
      throw this.#fault(`it asks for ${quoted(`${module}.${name}`)}, which is not a data class of Chroma`);
    }
    this.#push({ kind: "class" });
  }

  #stop(): void {
    const [value] = this.#stack;
    if (this.#stack.length !== 1 || (value?.kind !== "object" && value?.kind !== "dictionary")) {
      throw this.#fault("it ends before it is complete");
    }
    if (this.#cursor.remaining > 0) throw this.#fault("more follows after its end");
    this.#isDone = true;
  }

  #pop(kind: Value["kind"]): Value {
    const value = this.#stack.pop();
    if (value?.kind !== kind) throw this.#fault(`a ${kind} is missing`);
    return value;
  }

  #top(): Value | undefined {
    return this.#stack.at(-1);
  }

  #take(length: number): Buffer {
    if (this.#cursor.remaining < length) throw this.#fault("the file ends before the pickle does");
    return this.#cursor.take(length);
  }

  #fault(problem: string): PickleError {
    return new PickleError(this.#file.path, this.#opcode, this.#offset, problem);
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function plain(value: Value): string | number | undefined {
  if (value.kind === "number") return value.number;
  return value.kind === "text" ? value.text.string : undefined;
}
