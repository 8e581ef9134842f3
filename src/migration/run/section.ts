/** A Markdown document as a section of another: its first heading becomes bold, the others go two levels down. */
export function sectionOf(markdown: string): string {
  return markdown
    .replace(/^# (.*)\n+/, "**$1**\n\n")
    .replace(/^(#+) /gm, "##$1 ")
    .trimEnd();
}
