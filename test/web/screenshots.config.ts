import { defineConfig } from "vitest/config";

/** `npm run screenshots`: the states of the pages as pictures. */
export default defineConfig({
  test: { include: ["test/web/screenshots.ts"], testTimeout: 600_000, hookTimeout: 60_000 },
});
