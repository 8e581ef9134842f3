import { describe, expect, it } from "vitest";
import { backupSection } from "../../../src/operations/backups/section.ts";

const now = Date.UTC(2026, 5, 10, 12, 0);
type Entries = Parameters<typeof backupSection>[0];

describe("backups in the status (OPS-3)", () => {
  const none = "There is no verified backup yet. Make one: ragfood backup create";

  it("warn that there is none while records move to another store", () => {
    expect(backupSection([], [], now, true)).toMatchObject({ condition: "warning", sentence: none });
    expect(backupSection([], [], now)).toMatchObject({ condition: "unknown", sentence: none, isStale: true });
  });

  it("count only if they were verified", () => {
    const entry = { kind: "index", createdAt: "2026-06-10T03:00:00.000Z", byteCount: 1_000 };
    const unverified = [entry] as unknown as Entries;
    expect(backupSection(unverified, [], now, true)).toMatchObject({ condition: "warning", time: null });
    const verified = [{ ...entry, verifiedAt: "2026-06-10T03:01:00.000Z" }] as unknown as Entries;
    expect(backupSection(verified, [], now, true)).toMatchObject({
      condition: "good",
      sentence: "The newest backup (index) is of 2026-06-10 03:00 UTC, verified; no restore drill yet",
    });
  });

  it("name each part with the time and the size of its own newest backup", () => {
    const good = (kind: string, createdAt: string, byteCount: number) => ({
      kind,
      createdAt,
      byteCount,
      source: kind,
      verifiedAt: createdAt,
    });
    const entries = [
      good("settings", "2026-06-10T03:01:00.000Z", 273),
      good("index", "2026-06-10T03:00:00.000Z", 458_000),
      good("state", "2026-06-09T03:00:00.000Z", 9_000),
      good("index", "2026-06-09T03:00:00.000Z", 400_000),
    ] as unknown as Entries;
    expect(backupSection(entries, [], now)).toMatchObject({
      sentence:
        "The newest backup (settings, index) is of 2026-06-10 03:01 UTC, verified; no restore drill yet",
      details: {
        parts: [
          { kind: "settings", byteCount: 273 },
          { kind: "index", byteCount: 458_000 },
          { kind: "state", createdAt: "2026-06-09T03:00:00.000Z" },
        ],
      },
    });
  });
});
