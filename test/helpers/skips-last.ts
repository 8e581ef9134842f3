import type { Reporter, TestModule } from "vitest/node";

/** Counts the skipped tests by obstacle when everything else is printed, so that no promise is missing unnoticed. */
export class SkipsLast implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = new Map<string, number>();
    for (const test of modules.flatMap((module) => [...module.children.allTests("skipped")])) {
      // Without an obstacle the run was limited to some names, as `vitest -t` does.
      const [, obstacle] = /\(not run: (.*?)\)/.exec(test.fullName) ?? [];
      if (obstacle) counts.set(obstacle, (counts.get(obstacle) ?? 0) + 1);
    }
    if (counts.size === 0) return;
    const lines = [...counts].map(([obstacle, count]) => `- ${count} because of: ${obstacle}`);
    process.once("exit", () => process.stdout.write(`\nTests that were not run:\n${lines.join("\n")}\n`));
  }
}
