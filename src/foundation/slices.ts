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

/**
 * Runs the steps in slices; between slices the event loop does other work.
 * @returns the result itself if the first slice is enough; a promise that rejects if a step throws
 */
export function runInSlices<T>(steps: Generator<void, T>): T | Promise<T> {
  try {
    const first = runSlice(steps);
    return first.done ? first.value : runRest(steps);
  } catch (error) {
    return Promise.reject(error);
  }
}

async function runRest<T>(steps: Generator<void, T>): Promise<T> {
  try {
    for (;;) {
      await setImmediate();
      const last = runSlice(steps);
      if (last.done) return last.value;
    }
  } finally {
    steps.return(undefined as T);
  }
}

/** @returns the last step of one slice */
function runSlice<T>(steps: Generator<void, T>): IteratorResult<void, T> {
  const end = performance.now() + sliceMilliseconds;
  for (;;) {
    const step = steps.next();
    if (step.done || performance.now() >= end) return step;
  }
}
