import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Many tests wait for a process, a browser or a lease: on two processors three workers keep both busy.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    include: ["test/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // The default of one second is too short for a page on a busy machine.
    expect: { poll: { timeout: 15_000 } },
  },
});
