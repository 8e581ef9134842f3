import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { NewMark } from "../../src/state/cutover/rows.ts";
import { SqlCutoverRows } from "../../src/state/cutover/sql-rows.ts";
import { KeyRepository } from "../../src/state/keys.ts";
import { openState } from "../../src/state/open.ts";
import { pagesOf } from "../../src/state/pages.ts";
import { restoreState } from "../../src/state/restore.ts";
import { readRows, writeRows } from "../../src/state/rows.ts";
import { ScheduleRepository } from "../../src/state/schedules.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { describeOnEachStore } from "./contract.ts";

const key = { name: "reader", scopes: ["read"], namespaces: ["a"] } as const;

function queuedMark(sequence: number, operation: string): NewMark {
  const place = { namespace: "", id: `id-${sequence}`, sequence };
  return { ...place, operation, status: "queued", isTouch: false, lease: 0, opened: 0, tag: "" };
}

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

  it("is made and read in pages of few bytes, in the order of keys of several columns", async () => {
    const [from, to] = [await create().open(), await create().open()];
    const [megabytes, small] = ["x".repeat(3_000_000), 2_100];
    await from.transaction(async (session) => {
      const rows = new SqlCutoverRows(session, "main");
      await rows.addMarks(Array.from({ length: small }, (_, place) => queuedMark(place, "write")));
      for (let sequence = 0; sequence < 4; sequence++) {
        const write = { sequence, namespace: "", id: "a", operation: megabytes };
        await rows.addParked({ ...write, reason: "It is refused.", parkedAt: 1 });
      }
    });
    const pages: number[][] = [];
    await from.transaction(async (session) => {
      for (const table of ["cutover_marks", "cutover_parked"]) {
        const lengths: number[] = [];
        for await (const rows of pagesOf(session, table)) lengths.push(rows.length);
        pages.push(lengths);
      }
    });
    expect(pages).toEqual([
      [2_000, 100],
      [2, 2],
    ]);
    const file = join(temporaryDirectory(), "rows");
    const count = small + 4;
    expect([await writeRows(from, file), await readRows(to, file)]).toEqual([count, count]);
    const parked = await to.transaction((session) => new SqlCutoverRows(session, "main").parked(10, 2));
    expect(
      parked.map(({ sequence, operation, isDamaged }) => [sequence, operation.length, isDamaged]),
    ).toEqual([
      [2, megabytes.length, false],
      [3, megabytes.length, false],
    ]);
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
