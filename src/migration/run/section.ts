/** A Markdown document as a section of another: without its first heading, the others two levels lower. */
export function sectionOf(markdown: string): string {
  return markdown
    .replace(/^# (.*)\n+/, "**$1**\n\n")
    .replace(/^(#+) /gm, "##$1 ")
    .trimEnd();
}
