import type { IconName } from "../icons/icon.tsx";

/** Something that the palette reaches. */
export interface PaletteEntry {
  readonly id: string;
  readonly group: "Pages" | "Actions" | "Recent questions, kept in this browser only" | "Ask";
  readonly label: string;
  readonly icon: IconName;
  readonly run: () => void;
}

/** Entries that have every word of the text, those that begin with it first; all of them without a text. */
export function searchEntries(entries: readonly PaletteEntry[], text: string): PaletteEntry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = entries.filter(({ label, group }) => {
    const searched = `${label} ${group}`.toLowerCase();
    return words.every((word) => searched.includes(word));
  });
  const start = text.trim().toLowerCase();
  const startsWith = ({ label }: PaletteEntry) => Number(label.toLowerCase().startsWith(start));
  const order = groupOrder(found);
  return found.sort(
    (left, right) =>
      order.indexOf(left.group) - order.indexOf(right.group) || startsWith(right) - startsWith(left),
  );
}

/** Groups in the order in which they first occur: an entry never leaves its group. */
function groupOrder(entries: readonly PaletteEntry[]): PaletteEntry["group"][] {
  return [...new Set(entries.map(({ group }) => group))];
}
