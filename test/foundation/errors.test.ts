import { describe, expect, it } from "vitest";
import * as errors from "../../src/foundation/errors.ts";

/** The same module once more, as a second copy of the package in one process is. */
async function anotherCopy(): Promise<typeof errors> {
  const address = new URL("../../dist/foundation/errors.js", import.meta.url).href;
  return (await import(/* @vite-ignore */ `${address}?copy`)) as typeof errors;
}

const classes = Object.entries(errors).filter(
  (entry): entry is [string, typeof errors.RagfoodError] =>
    typeof entry[1] === "function" && "errorName" in entry[1],
);

describe("errors across copies of the package", () => {
  it("have classes that are not the same", async () => {
    expect((await anotherCopy()).TimeoutError).not.toBe(errors.TimeoutError);
  });

  it("are recognised by their class and by each class above it", async () => {
    const copy = await anotherCopy();
    const error = new copy.RateLimitError("upstash", "Too many requests.");
    expect(error).toBeInstanceOf(errors.RateLimitError);
    expect(error).toBeInstanceOf(errors.ServiceError);
    expect(error).toBeInstanceOf(errors.RagfoodError);
    expect(error).toBeInstanceOf(Error);
  });

  it("are not taken for a class beside theirs", async () => {
    const copy = await anotherCopy();
    const error = new copy.RateLimitError("upstash", "Too many requests.");
    expect(error).not.toBeInstanceOf(errors.TimeoutError);
    expect(error).not.toBeInstanceOf(errors.StorageError);
  });

  it("have a name each, which is that of the class", () => {
    expect(classes.length).toBeGreaterThan(20);
    for (const [name, type] of classes) expect(type.errorName).toBe(name);
  });
});

describe("a class of the caller's own", () => {
  class OwnError extends errors.UsageError {}

  it("is not taken for the class that it extends", () => {
    expect(new OwnError("x")).toBeInstanceOf(errors.UsageError);
    expect(new OwnError("x")).toBeInstanceOf(OwnError);
    expect(new errors.UsageError("x")).not.toBeInstanceOf(OwnError);
  });
});

describe("values that are not errors", () => {
  it("are instances of none of the classes", () => {
    for (const value of [undefined, null, "RagfoodError", {}, new Error("x")]) {
      expect(value instanceof errors.RagfoodError).toBe(false);
    }
  });
});
