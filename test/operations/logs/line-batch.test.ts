import { describe, expect, it } from "vitest";
import { LineBatch } from "../../../src/operations/logs/line-batch.ts";

describe("lines of a log that go to a pipe", () => {
  it("are written together, in their order, without a line after them", async () => {
    const written: string[] = [];
    const batch = new LineBatch((text) => written.push(text));
    batch.write("one\n");
    batch.write("two\n");
    expect(written).toEqual([]);
    await expect.poll(() => written).toEqual(["one\ntwo\n"]);
    batch.close();
    expect(written).toHaveLength(1);
  });

  it("are not collected without end, and are complete after the end", () => {
    const written: string[] = [];
    const batch = new LineBatch((text) => written.push(text));
    const line = `${"x".repeat(999)}\n`;
    for (let count = 0; count < 20; count++) batch.write(line);
    expect(written.length).toBeGreaterThan(0);
    batch.close();
    expect(written.join("")).toBe(line.repeat(20));
  });
});
