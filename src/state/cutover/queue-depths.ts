import type { StateDatabase } from "../database.ts";

/** Writes by the queue that they are in: of the cutover, of the second store (`FALLBACK_WRITES=copy`), of an outage. */
export interface QueueDepths {
  readonly cutover: number;
  readonly fallback: number;
  readonly outage: number;
  /** Writes of any queue that the store has refused for good. */
  readonly parked: number;
}

/** How many writes wait on this machine, or in the state that replicas share. @throws {StateError} */
export async function readQueueDepths(state: StateDatabase): Promise<QueueDepths> {
  const { waiting, parked } = await state.transaction(
    async (session) => ({
      waiting: await session.all<{ pair: string; count: number }>(
        "SELECT pair, count(*) AS count FROM cutover_marks WHERE status = 'queued' GROUP BY pair",
      ),
      parked: await session.get<{ count: number }>("SELECT count(*) AS count FROM cutover_parked"),
    }),
    { readOnly: true, timeoutMs: 2_000 },
  );
  const sum = (isWanted: (pair: string) => boolean) =>
    waiting.reduce((total, { pair, count }) => total + (isWanted(pair) ? count : 0), 0);
  return {
    cutover: sum((pair) => pair === "main"),
    fallback: sum((pair) => pair === "secondary"),
    // Each index has a queue of its own for its outages.
    outage: sum((pair) => pair !== "main" && pair !== "secondary"),
    parked: parked?.count ?? 0,
  };
}
