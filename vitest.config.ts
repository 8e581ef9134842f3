import { statfsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { FailuresLast } from "./test/helpers/failures-last.ts";
import { SkipsLast } from "./test/helpers/skips-last.ts";

/**
 * Files that take more than ten seconds, in the order of their start. Rehearsals wait most of their time: others use
 * the processors meanwhile.
 */
const long = [
  /\/test\/(?:composition\/)?rehearsal/,
  /\/test\/(?:web|cutover\/simulation|soak)/,
  /\/test\/(?:composition\/cutover|embedded\/dense|cli\/migrate|migration\/(?:run|chroma-directory)|package)/,
  /\/test\/(?:rag\/safety|transport\/faults|cutover\/queue|store\/chroma-filter|server\/replicas|pages)/,
];

function rank({ moduleId }: TestSpecification): number {
  const place = long.findIndex((pattern) => pattern.test(moduleId));
  return place === -1 ? long.length : place;
}

/** Begins with the long files, so that the last worker does not run one alone. */
class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((left, right) => rank(left) - rank(right));
  }
}

/**
 * Tests keep their files in memory if the system offers that and has room for them: they make and remove thousands of
 * files and wait for each write to be on disk. `TMPDIR` names another place, such as a disk.
 */
function temporaryFiles(): string | undefined {
  const inMemory = "/dev/shm";
  try {
    const { bavail, bsize } = statfsSync(inMemory);
    return bavail * bsize > 4 * 1024 ** 3 ? inMemory : undefined;
  } catch {
    // No such place on this system.
    return undefined;
  }
}

const directory = process.env.TMPDIR ?? temporaryFiles();

export default defineConfig({
  test: {
    // Many tests wait for a process, a browser or a lease: on two processors four workers keep both busy.
    maxWorkers: Math.max(4, availableParallelism() - 1),
    // A worker imports each module once, not once for each file: a quarter less work. What modules keep for the whole
    // process stays: caches, the paths of drafts, and the secrets that the redactor of the process has learned. So a
    // test makes its own paths and secrets, and restores what it changes of its process.
    isolate: false,
    unstubEnvs: true,
    ...(directory !== undefined && { env: { TMPDIR: directory } }),
    sequence: { sequencer: LongFilesFirst },
    include: ["test/**/*.test.ts"],
    reporters: [
      "default",
      ...(process.env.GITHUB_ACTIONS ? ["github-actions"] : []),
      new SkipsLast(),
      new FailuresLast(),
    ],
    // Limits for tests that hang. They are long, because a busy machine must not fail a test that works.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000, interval: 10 } },
  },
});
