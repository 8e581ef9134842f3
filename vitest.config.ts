import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Many tests wait for a process, a browser or a lease: on two processors three workers keep both busy.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    include: ["test/**/*.test.ts"],
    // Limits for tests that hang. They are long, because a busy machine must not fail a test that works.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000, interval: 10 } },
  },
});
