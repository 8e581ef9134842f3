type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A piece of work in a trace. */
export interface Span {
  /** Runs work inside the span: spans that it starts are its children. */
  run<T>(work: () => T): T;
  set(attributes: SpanAttributes): void;
  /** @param error why the work failed */
  end(error?: unknown): void;
}

/** Starts a span under the one that is active. */
export type StartSpan = (name: string, attributes?: SpanAttributes) => Span;

const nothing: Span = { run: (work) => work(), set: () => {}, end: () => {} };

/** Without tracing. */
export const noSpans: StartSpan = () => nothing;

/** Does work in a span, which ends with it. */
export async function inSpan<T>(span: Span, work: (span: Span) => Promise<T>): Promise<T> {
  if (span === nothing) return await work(span);
  try {
    const result = await span.run(() => work(span));
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}

/** Makes the items of a stream in a span, which ends with the stream. */
export function streamInSpan<T, R>(span: Span, items: AsyncGenerator<T, R>): AsyncGenerator<T, R> {
  // A generator around another one takes several turns of the microtask queue for each item.
  return span === nothing ? items : traced(span, items);
}

async function* traced<T, R>(span: Span, items: AsyncGenerator<T, R>): AsyncGenerator<T, R> {
  let failure: unknown;
  let isOver = false;
  try {
    for (;;) {
      const next = await span.run(() => items.next());
      isOver = next.done === true;
      if (next.done) return next.value;
      yield next.value;
    }
  } catch (error) {
    isOver = true;
    failure = error;
    throw error;
  } finally {
    // The reader may leave before the end.
    if (!isOver) await items.return(undefined as R);
    span.end(failure);
  }
}
