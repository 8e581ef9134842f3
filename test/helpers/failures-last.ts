import type { Reporter, SerializedError, TestCase, TestModule } from "vitest/node";

/**
 * Prints each failed test once more when everything else is printed: its file, its name and the first lines of its
 * message. Reports of failures are long, and a log of CI often shows its last lines alone.
 */
export class FailuresLast implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const failures = [
      ...modules.flatMap((module) => [
        ...module.errors().map((error) => lineOf(module.relativeModuleId, error)),
        ...[...module.children.allSuites()].flatMap((suite) =>
          suite.errors().map((error) => lineOf(`${module.relativeModuleId} > ${suite.fullName}`, error)),
        ),
        ...[...module.children.allTests("failed")].map(failureOf),
      ]),
      ...unhandled.map((error) => lineOf("outside a test", error)),
    ];
    if (failures.length === 0) return;
    process.once("exit", () => process.stdout.write(`\nFailed:\n${failures.join("\n")}\n`));
  }
}

function failureOf(test: TestCase): string {
  return lineOf(`${test.module.relativeModuleId} > ${test.fullName}`, test.result().errors?.[0]);
}

function lineOf(name: string, error: { readonly message: string } | undefined): string {
  const message = error?.message.trim().split("\n").slice(0, 3).join("\n  ") ?? "";
  return `- ${name}\n  ${message}`;
}
