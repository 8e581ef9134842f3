import { orLate } from "../../foundation/or-late.ts";
import type { SectionName, StatusSection } from "../status/status.ts";

/** Makes a section of the status from what another part of the service knows. It may read the state store. */
export type SectionProvider = () => StatusSection | Promise<StatusSection>;

/** Milliseconds that a provider has. */
const timeoutMs = 5_000;

/** Milliseconds for which sections are not read again for a reader. */
const freshForMs = 1_000;

/** Milliseconds that a reader waits for new sections. */
const readerWaitsMs = 500;

const titles: Readonly<Record<SectionName, string>> = {
  cutover: "cutover",
  backups: "backups",
  cost: "cost",
  feedback: "feedback",
  integrity: "integrity",
  model: "the model",
};

/** The sections of the status, as their providers said last. One that fails is unknown, and never good. */
export class Sections {
  readonly #providers: Readonly<Partial<Record<SectionName, SectionProvider>>>;
  readonly #last = new Map<SectionName, StatusSection>();
  #refreshing: Promise<void> | undefined;
  /** On the monotonic clock. */
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(providers: Readonly<Partial<Record<SectionName, SectionProvider>>>) {
    this.#providers = providers;
  }

  get current(): Readonly<Record<SectionName, StatusSection>> {
    const of = (name: SectionName) => this.#last.get(name) ?? unset(name);
    return {
      cutover: of("cutover"),
      backups: of("backups"),
      cost: of("cost"),
      feedback: of("feedback"),
      integrity: of("integrity"),
      model: of("model"),
    };
  }

  /** Asks every provider; a second call while one runs waits for that one. Never throws. */
  async refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  /**
   * Asks them again for a person who looks. A slow one keeps what it said last.
   * @returns whether they were asked: not if they were asked just now
   */
  async refreshForReader(): Promise<boolean> {
    if (performance.now() - this.#refreshedAt < freshForMs) return false;
    await orLate(this.refresh(), readerWaitsMs, undefined);
    return true;
  }

  async #refresh(): Promise<void> {
    await Promise.all(
      (Object.keys(this.#providers) as SectionName[]).map(async (name) => {
        this.#last.set(name, await this.#ask(name));
      }),
    );
    this.#refreshedAt = performance.now();
  }

  async #ask(name: SectionName): Promise<StatusSection> {
    try {
      const section = await orLate(this.#providers[name]?.() ?? unset(name), timeoutMs, undefined);
      if (section !== undefined) return section;
    } catch {
      // As if it were late.
    }
    const before = this.#last.get(name);
    return {
      condition: "unknown",
      sentence: `The state of ${titles[name]} could not be read`,
      time: before?.time ?? null,
      isStale: true,
      details: before?.details ?? null,
    };
  }
}

function unset(name: SectionName): StatusSection {
  return {
    condition: "unknown",
    sentence: `Nothing is known about ${titles[name]}`,
    time: null,
    isStale: true,
    details: null,
  };
}
