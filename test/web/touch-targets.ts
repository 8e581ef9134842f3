import type { Page } from "playwright-core";

/** Pixels that a thumb needs (WCAG 2.5.5), and the least for a link or mark within a text (WCAG 2.5.8). */
const sizes = { control: 44, inText: 24 };

/**
 * What a thumb can miss on the page as it is now: controls whose area that takes a tap is smaller than 44 × 44 px, or
 * 24 × 24 px within a text. Each is scrolled into view and measured by what lies under the points around its middle,
 * so an area that another control covers does not count.
 */
export async function smallTargets(page: Page): Promise<string[]> {
  return await page.evaluate(({ control, inText }) => {
    const selector =
      "a[href], button:not(:disabled), input:not([type=hidden], :disabled), select, textarea, summary, [role=option], [role=tab]";
    const dialogs = document.querySelectorAll("dialog[open]");
    const top = dialogs[dialogs.length - 1] ?? document.body;
    const targetOf = (element: Element) => element.closest("label") ?? element;
    const elements = new Set([...top.querySelectorAll(selector)].map(targetOf));
    /** A link in a line of text, or a mark beside a text. */
    const isInText = (element: Element) => {
      const { display } = getComputedStyle(element);
      const siblings = [...(element.parentNode?.childNodes ?? [])];
      const isBesideText = siblings.some(
        ({ nodeType, textContent }) => nodeType === Node.TEXT_NODE && textContent?.trim() !== "",
      );
      return display === "inline" || (display.startsWith("inline") && isBesideText);
    };
    /** Pixels from a point in a direction that still belong to the element. */
    const reach = (element: Element, [x, y]: [number, number], [dx, dy]: [number, number]) => {
      let steps = 0;
      for (; steps < control; steps++) {
        const hit = document.elementFromPoint(x + dx * (steps + 1), y + dy * (steps + 1));
        if (hit === null || !element.contains(hit)) break;
      }
      return steps;
    };
    const small: string[] = [];
    for (const element of elements) {
      if (!element.checkVisibility({ visibilityProperty: true })) continue;
      element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
      const [box] = element.getClientRects();
      // Visually hidden until it has the focus: the link that skips to the content.
      if (box === undefined || box.bottom <= 0 || box.width <= 1) continue;
      if (element.closest(".table-phone .table-head") !== null) continue;
      const middle: [number, number] = [box.left + box.width / 2, box.top + box.height / 2];
      // An open menu covers what it belongs to.
      if (
        document
          .elementFromPoint(...middle)
          ?.closest(".popover-box, .filter-list")
          ?.contains(element) === false
      )
        continue;
      const width = 1 + reach(element, middle, [-1, 0]) + reach(element, middle, [1, 0]);
      const height = 1 + reach(element, middle, [0, -1]) + reach(element, middle, [0, 1]);
      const least = isInText(element) ? inText : control;
      // A pixel may be cut at an edge that lies between two.
      if (width >= least - 1 && height >= least - 1) continue;
      const name = element.getAttribute("aria-label") ?? element.textContent?.trim().slice(0, 40);
      small.push(`${element.tagName.toLowerCase()}.${element.className} "${name}" ${width} × ${height}`);
    }
    return small;
  }, sizes);
}
