import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { chromaObstacle } from "../helpers/chroma-server.ts";
import { itUnless } from "../helpers/obstacles.ts";
import { postgresObstacle } from "../helpers/postgres.ts";
import { check } from "./check.ts";
import { suffer } from "./faults.ts";
import { startParts } from "./parts.ts";
import { nothing } from "./places.ts";
import { Rehearsal } from "./rehearsal.ts";
import { patientSettings, rehearsalSettings } from "./settings.ts";

const obstacle = chromaObstacle ?? postgresObstacle;

/** Requests a second; the soak sends 50. Other tests need the processors too. */
const rate = 5;

/** On a busy machine copies take longer: neither a gate nor a read gives up because of it. */
const { CUTOVER_CALL_TIMEOUT_MS: _, ...patience } = patientSettings;

/** One path, one kill and one fault; `npm run soak:rehearsal` goes through all of them. */
itUnless(
  obstacle,
  "Chroma, a served index, and two services on one PostgreSQL: a killed service and a dead target lose no write (CUT-1 to CUT-3)",
  async () => {
    const root = fileURLToPath(new URL("../..", import.meta.url));
    const environment = { ...rehearsalSettings(rate), ...patience };
    const parts = await startParts({ root, foods: 40, environment });
    try {
      const rehearsal = new Rehearsal(parts, rate, process.env.SHOW ? console.log : () => {});
      rehearsal.client.start();
      await rehearsal.reach("canary", async (stage) => {
        if (stage === "shadow-read") await rehearsal.crash("first service", nothing, 0);
      });
      const { rules, report } = await suffer(rehearsal, "dead", "canary");
      // Which rule is first depends on how busy the machine is: the soak, which has it alone, expects the right one.
      expect(rules).not.toEqual([]);
      expect(report).toContain("rolled back in the stage canary");
      // After a rollback nothing is copied to the target: it is level again in the next cutover.
      await rehearsal.reach("shadow-read");
      expect((await check(rehearsal)).problems).toEqual([]);
    } finally {
      await parts.close();
    }
  },
  600_000,
);
