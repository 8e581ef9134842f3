/** The result of an action; `undefined` if it throws, for work that may fail without harm. */
export function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
