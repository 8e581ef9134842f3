import { expect, it } from "vitest";
import { byName, setProperty } from "../../src/foundation/own-keys.ts";

it.each(["constructor", "toString", "__proto__", "hasOwnProperty", "soup"])(
  "the name %s is a name",
  (name) => {
    expect(byName<number>([])[name]).toBeUndefined();
    expect(JSON.stringify(byName([[name, 1]]))).toBe(`{"${name}":1}`);
    const object: Record<string, unknown> = {};
    setProperty(object, name, { a: 1 });
    expect([Object.keys(object), Object.getPrototypeOf(object)]).toEqual([[name], Object.prototype]);
  },
);
