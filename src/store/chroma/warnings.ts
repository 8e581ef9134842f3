const embeddingWarning = /DefaultEmbeddingFunction/;

let callers = 0;
let warn: typeof console.warn | undefined;

/**
 * Runs an action without one warning of Chroma's client: it looks for an embedding model for each collection
 * that Python created, and warns if none is installed. Here, vectors always come from outside.
 */
export async function withoutWarnings<T>(action: () => Promise<T>): Promise<T> {
  if (callers++ === 0) holdBack();
  try {
    return await action();
  } finally {
    if (--callers === 0 && warn) console.warn = warn;
  }
}

function holdBack(): void {
  // biome-ignore lint/suspicious/noConsole: the client writes to it and has no setting for this.
  const passOn = console.warn;
  warn = passOn;
  console.warn = (...parts: unknown[]) => {
    if (!embeddingWarning.test(String(parts[0]))) passOn(...parts);
  };
}
