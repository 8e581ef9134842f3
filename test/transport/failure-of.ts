/** What a promise fails with; it has to. */
export async function failureOf(promise: Promise<unknown>): Promise<Record<string, unknown> & Error> {
  return await promise.then(
    () => Promise.reject(new Error("it did not fail")),
    (error) => error,
  );
}
