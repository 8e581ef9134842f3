import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { replaceFile } from "../../foundation/durable-file.ts";
import { StorageError } from "../../foundation/errors.ts";
import { type PhaseName, type PhaseOutcome, phaseNames } from "./phase.ts";

/** What is kept of one phase. */
export interface PhaseState {
  readonly status: "done" | "refused" | "left-out";
  /** SHA-256 of what it rests on. */
  readonly inputs: string;
  /** ISO 8601, UTC. */
  readonly begunAt: string;
  readonly milliseconds: number;
  readonly outcome: PhaseOutcome;
}

export type PhaseStates = Readonly<Partial<Record<PhaseName, PhaseState>>>;

const stateSchema = z.object({
  format: z.literal("ragfood-migration"),
  formatVersion: z.literal(1),
  phases: z.partialRecord(
    z.enum(phaseNames),
    z.object({
      status: z.enum(["done", "refused", "left-out"]),
      inputs: z.string(),
      begunAt: z.string(),
      milliseconds: z.number(),
      outcome: z.object({
        summary: z.string(),
        facts: z.unknown().optional(),
        markdown: z.string().optional(),
        refusal: z.object({ found: z.string(), advice: z.string() }).optional(),
      }),
    }),
  ),
});

interface StateFile {
  readonly format: "ragfood-migration";
  readonly formatVersion: 1;
  readonly phases: PhaseStates;
}

const fileName = "phases.json";

/** How far the phases of a migration are, in a file that is replaced as a whole. */
export class RunState {
  readonly #directory: string;
  #phases: PhaseStates;

  private constructor(directory: string, phases: PhaseStates) {
    this.#directory = directory;
    this.#phases = phases;
  }

  /**
   * @param directory that of the migration
   * @throws {StorageError} for a file that is not one of these
   */
  static read(directory: string): RunState {
    const path = join(directory, fileName);
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return new RunState(directory, {});
      throw unusable(path, error);
    }
    try {
      const value: unknown = JSON.parse(text);
      if (!stateSchema.safeParse(value).success) throw new Error("it is of another format or version");
      return new RunState(directory, (value as StateFile).phases);
    } catch (error) {
      throw unusable(path, error);
    }
  }

  get phases(): PhaseStates {
    return this.#phases;
  }

  /** On disk when this resolves. @throws {StorageError} */
  async set(name: PhaseName, state: PhaseState): Promise<void> {
    this.#phases = { ...this.#phases, [name]: state };
    this.#write();
  }

  /** What a phase that is done anew has found, and what rests on it, holds no more. @throws {StorageError} */
  async forgetFrom(name: PhaseName): Promise<void> {
    const kept = phaseNames.slice(0, phaseNames.indexOf(name));
    const entries = Object.entries(this.#phases).filter(([other]) => kept.includes(other as PhaseName));
    this.#phases = Object.fromEntries(entries);
    this.#write();
  }

  #write(): void {
    const content: StateFile = { format: "ragfood-migration", formatVersion: 1, phases: this.#phases };
    replaceFile(join(this.#directory, fileName), `${JSON.stringify(content, null, 2)}\n`);
  }
}

function unusable(path: string, error: unknown): StorageError {
  return new StorageError(path, `${path} cannot be read: ${(error as Error).message}`, {
    cause: error,
    hint: "Remove it and run the same command again: its phases run anew, and the ledger keeps what was imported.",
  });
}
