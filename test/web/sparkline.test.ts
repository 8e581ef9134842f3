import { describe, expect, it } from "vitest";
import { Sparkline } from "../../web/components/sparkline.tsx";

/** The drawn paths by their class. */
function drawn(values: readonly (number | null)[], target?: number): Record<string, string> {
  const { children } = Sparkline({ values, label: "a day", ...(target !== undefined && { target }) })
    .props as {
    children: readonly unknown[];
  };
  const paths = children.filter((child) => typeof child === "object" && child !== null) as {
    readonly props: { readonly class: string; readonly d: string };
  }[];
  return Object.fromEntries(paths.map(({ props }) => [props.class.replace("sparkline-", ""), props.d]));
}

describe("a sparkline", () => {
  it("draws values in the order of time, the highest on top", () => {
    expect(drawn([0, 10, 5])).toEqual({ line: "M1.00 26.00L50.00 2.00L99.00 14.00" });
  });

  it("leaves a gap where nothing was measured", () => {
    expect(drawn([0, 10, null, 0, 10]).line).toBe("M1.00 26.00L25.50 2.00M74.50 26.00L99.00 2.00");
  });

  it("draws a value between gaps as a point", () => {
    expect(drawn([null, 10, null, 0, 10]).point).toBe("M25.50 2.00h0");
    expect(drawn([null, null, 4]).point).toBe("M99.00 14.00h0");
    expect(drawn([3]).point).toBe("M0.00 14.00h0");
  });

  it("draws the target with the values, and none without a value", () => {
    expect(drawn([0, 10], 20)).toMatchObject({ target: "M0 2.00H100", line: "M1.00 26.00L99.00 14.00" });
    expect(drawn([null, null], 20)).toEqual({ line: "" });
  });
});
