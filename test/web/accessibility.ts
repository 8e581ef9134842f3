import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/**
 * What axe-core finds against WCAG 2.2 AA and its best practices on the page as it is now; empty if nothing.
 * @param rules only these, for a page that was checked by all of them in another theme
 */
export async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  // The driver runs scripts past the page's policy (CSP), which stays on for the page itself.
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(source);
  const options = { resultTypes: ["violations"], ...(rules && { runOnly: rules }) };
  const { violations: found } = (await page.evaluate(
    `axe.run(document, ${JSON.stringify(options)})`,
  )) as AxeResults;
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}
