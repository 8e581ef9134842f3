import type { StateSession } from "./database.ts";

/**
 * One row for each sequence. A row inside the transaction, and not a SEQUENCE of PostgreSQL, whose numbers become
 * visible out of order: transaction 8 may commit before 7.
 */
export const sequenceTables = `
  CREATE TABLE sequences (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
`;

/**
 * The next number of a sequence, from 1. Whoever reads number n sees every smaller one that will ever be committed;
 * a rolled back number is used again.
 */
export async function nextSequence(session: StateSession, name: string): Promise<number> {
  const row = await session.get<{ value: number }>(
    `INSERT INTO sequences (name, value) VALUES (?, 1)
     ON CONFLICT (name) DO UPDATE SET value = sequences.value + 1 RETURNING value`,
    name,
  );
  return (row as { value: number }).value;
}
