import { expect, it } from "vitest";
import { namespaceName } from "../../src/foundation/namespace-name.ts";

it("names the default namespace in words and others in quotes, with a quote inside escaped", () => {
  expect(namespaceName("")).toBe("the default namespace");
  expect(namespaceName('a"b')).toBe('the namespace "a\\"b"');
});
