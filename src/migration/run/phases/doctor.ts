import { type Finding, findingText } from "../../../foundation/finding.ts";
import type { Phase } from "../phase.ts";

/** Looks at what both sides need, each time: it is quick, and what it looks at changes. */
export const doctorPhase: Phase = {
  name: "doctor",
  inputs: async () => undefined,
  async run({ migration, emit }) {
    const checks: Finding[] = [];
    for await (const check of migration.examine()) {
      checks.push(check);
      emit({ type: "check", phase: "doctor", ...check });
    }
    const failed = checks.filter(({ level }) => level === "problem");
    const [first] = failed;
    return {
      summary: `${checks.length} checks, ${failed.length} failed`,
      facts: { checks },
      markdown: checks.map((check) => `- **${check.level}** ${findingText(check)}`).join("\n"),
      ...(first && {
        refusal: {
          found: failed.map(({ message }) => message).join("; "),
          advice: first.hint ?? "Correct it and run the same command again.",
        },
      }),
    };
  },
};
