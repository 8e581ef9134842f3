import { setImmediate } from "node:timers/promises";

/**
 * Milliseconds of work after which the event loop gets its turn. With the longest step (the keys of a
 * chunk, or one read) it stays below 15.
 */
const sliceMilliseconds = 10;

/** Runs all steps at once. */
export function runThrough<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Runs the steps in slices; between slices the event loop does other work. */
export async function runInSlices<T>(steps: Generator<void, T>): Promise<T> {
  try {
    for (;;) {
      const end = performance.now() + sliceMilliseconds;
      do {
        const step = steps.next();
        if (step.done) return step.value;
      } while (performance.now() < end);
      await setImmediate();
    }
  } finally {
    steps.return(undefined as T);
  }
}
