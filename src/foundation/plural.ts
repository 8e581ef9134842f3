/** `1 record`, `2,000 records`: the number with its noun, which takes a plain s. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
