/** Blocks this thread. For a few milliseconds in synchronous code; everything else waits without blocking. */
export function sleepSync(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
