import { type Finding, findingText } from "../../../foundation/finding.ts";
import type { Phase } from "../phase.ts";

/** Checks what both sides need, every time: it is quick, and what it checks changes. */
export const doctorPhase: Phase = {
  name: "doctor",
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
        gateFailure: {
          found: failed.map(({ message }) => message).join("; "),
          advice: first.hint ?? "Correct it, then run the same command again.",
        },
      }),
    };
  },
};
