import { describe, expect, it } from "vitest";
import { foodTemplate, toDocument } from "../../src/foods/food.ts";
import { toTargetRecord } from "../../src/migration/target-record.ts";
import { TransformedSource } from "../../src/migration/transformed-source.ts";
import { ListSource } from "./records.ts";

const embedded = { embedding: "target", template: foodTemplate } as const;

describe("toTargetRecord (RAG-8, MIG-13)", () => {
  it("makes of a record what ingest makes of the food", () => {
    const food = { id: "1", text: "Pho is a soup.", region: "Vietnam", energy: 60, diet: ["dairy-free"] };
    const { id, text, ...metadata } = food;
    expect(toTargetRecord({ id, text, metadata, vector: [1] }, embedded)).toEqual(toDocument(food));
  });

  it("gives old records without metadata the defaults", () => {
    expect(toTargetRecord({ id: "1", text: "Pho." }, embedded)).toEqual({
      id: "1",
      text: "Pho. This food is popular in unknown. It is a type of general.",
      metadata: { region: "unknown", type: "general", original_text: "Pho." },
    });
  });

  it("enriches nothing twice, and takes up a region that came later", () => {
    const once = toTargetRecord({ id: "1", text: "Pho." }, embedded);
    expect(toTargetRecord(once, embedded)).toEqual(once);
    const later = { ...once, metadata: { ...once.metadata, region: "Vietnam" } };
    expect(toTargetRecord(later, embedded).text).toBe(
      "Pho. This food is popular in Vietnam. It is a type of general.",
    );
  });

  it("keeps metadata with the names of a food's own fields", () => {
    const metadata = { id: 7, text: "a note" };
    const record = toTargetRecord({ id: "1", text: "Pho.", metadata }, embedded);
    expect(record.metadata).toMatchObject({ id: 7, text: "a note", original_text: "Pho." });
    expect(record).toMatchObject({ id: "1", text: expect.stringMatching(/^Pho\. This/) });
  });

  it("does not change texts without a template, nor records if vectors are carried", () => {
    const record = { id: "1", text: "Pho.", metadata: { a: 1 }, vector: [1, 2] };
    expect(toTargetRecord(record, { embedding: "target" })).toEqual({
      id: "1",
      text: "Pho.",
      metadata: { a: 1 },
    });
    expect(toTargetRecord(record, { embedding: "carried", template: foodTemplate })).toBe(record);
    expect(toTargetRecord({ id: "1", vector: [1] }, embedded)).toEqual({ id: "1" });
  });

  it("wraps a source", async () => {
    const source = new TransformedSource(new ListSource([{ id: "1", text: "Pho." }]), embedded);
    const batches = [];
    for await (const batch of source.records()) batches.push(...batch);
    expect(batches).toEqual([toTargetRecord({ id: "1", text: "Pho." }, embedded)]);
  });
});
