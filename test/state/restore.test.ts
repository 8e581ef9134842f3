import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { KeyRepository } from "../../src/state/keys.ts";
import { openState } from "../../src/state/open.ts";
import { restoreState } from "../../src/state/restore.ts";
import { readRows, writeRows } from "../../src/state/rows.ts";
import { ScheduleRepository } from "../../src/state/schedules.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { describeOnEachStore } from "./contract.ts";

const key = { name: "reader", scopes: ["read"], namespaces: ["a"] } as const;

describeOnEachStore("a copy of the state", (create) => {
  it("has every row, and fills another store with the same", async () => {
    const [from, to] = [await create().open(), await create().open()];
    const { token } = await new KeyRepository(from).create(key);
    await new ScheduleRepository(from).register([
      { name: "backup", expression: "@daily", next: (now) => now },
    ]);
    await new KeyRepository(to).create({ ...key, name: "only in the target" });
    const [file, again] = ["one", "two"].map((name) => join(temporaryDirectory(), name)) as [string, string];
    expect(await writeRows(from, file)).toBe(3);
    expect(await readRows(to, file)).toBe(3);
    await writeRows(to, again);
    expect(readFileSync(again, "utf8")).toBe(readFileSync(file, "utf8"));
    expect((await new KeyRepository(to).verify(token)).status).toBe("valid");
  });

  it("is refused if it is cut off, and the store keeps what it has", async () => {
    const state = await create().open();
    await new KeyRepository(state).create(key);
    const file = join(temporaryDirectory(), "rows");
    await writeRows(state, file);
    const lines = readFileSync(file, "utf8").split("\n");
    writeFileSync(file, lines.slice(0, -2).join("\n"));
    await expect(readRows(state, file)).rejects.toThrow("cut off");
    expect(await new KeyRepository(state).list()).toHaveLength(1);
  });
});

describe("a restored state", () => {
  it("takes the place of the present one, which is put aside", async () => {
    const directory = temporaryDirectory();
    const location = { directory, statePostgres: undefined };
    const state = await openState(location);
    const { token } = await new KeyRepository(state).create(key);
    const file = join(temporaryDirectory(), "rows");
    await writeRows(state, file);
    await new KeyRepository(state).create({ ...key, name: "made later" });
    await state.close();
    await expect(restoreState(location, file, { replace: false })).rejects.toThrow("Nothing was changed");
    const { aside, rowCount } = await restoreState(location, file, { replace: true });
    expect([rowCount, aside]).toEqual([2, expect.stringContaining("state.sqlite3.replaced-")]);
    expect(readdirSync(directory).sort()).toEqual(["state.sqlite3", aside?.slice(directory.length + 1)]);
    const restored = await openState(location);
    expect((await new KeyRepository(restored).verify(token)).status).toBe("valid");
    expect(await new KeyRepository(restored).list()).toHaveLength(1);
    await restored.close();
  });

  it("is refused if a later version wrote the copy", async () => {
    const file = join(temporaryDirectory(), "rows");
    writeFileSync(file, '{"format":"ragfood-state","version":99}\n{"rowCount":0}\n');
    const location = { directory: temporaryDirectory(), statePostgres: undefined };
    await expect(restoreState(location, file, { replace: false })).rejects.toMatchObject({
      reason: "version",
    });
    expect(readdirSync(location.directory)).toEqual([]);
  });
});
