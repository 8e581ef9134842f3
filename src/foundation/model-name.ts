/**
 * Whether two names mean the same Ollama model: a name without a tag means `latest`, and names are compared
 * without regard to case, as Ollama does.
 */
export function isSameModel(left: string, right: string): boolean {
  return withTag(left) === withTag(right);
}

function withTag(name: string): string {
  const lower = name.toLowerCase();
  // A colon before the last slash belongs to a registry's port.
  return lower.includes(":", lower.lastIndexOf("/") + 1) ? lower : `${lower}:latest`;
}
