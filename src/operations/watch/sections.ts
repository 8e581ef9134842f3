import { orLate } from "../../foundation/or-late.ts";
import type { SectionName, StatusSection } from "../status/status.ts";

/** Makes a section of the status from what another part of the service knows. It may read the state store. */
export type SectionProvider = () => StatusSection | Promise<StatusSection>;

/** Milliseconds that a provider has. */
const timeoutMs = 5_000;

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

  /** Asks every provider. Never throws. */
  async refresh(): Promise<void> {
    await Promise.all(
      (Object.keys(this.#providers) as SectionName[]).map(async (name) => {
        this.#last.set(name, await this.#ask(name));
      }),
    );
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
