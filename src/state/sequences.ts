import type { StateSession } from "./database.ts";

/**
 * One row for each sequence. A row inside the transaction, and not a SEQUENCE of PostgreSQL, whose numbers become
 * visible out of order: transaction 8 may commit before 7.
 */
export const sequenceTables = `
  CREATE TABLE sequences (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
`;

/**
 * The next number of a sequence, from 1. A reader of number n sees every smaller one that will ever be committed;
 * a rolled back number is used again.
 */
export function nextSequence(session: StateSession, name: string): Promise<number> {
  return takeSequences(session, name, 1);
}

/** Takes `count` numbers in a row, as `nextSequence` takes one. @returns the first */
export async function takeSequences(session: StateSession, name: string, count: number): Promise<number> {
  const row = await session.get<{ value: number }>(
    `INSERT INTO sequences (name, value) VALUES (?, ?)
     ON CONFLICT (name) DO UPDATE SET value = sequences.value + excluded.value RETURNING value`,
    name,
    count,
  );
  return (row as { value: number }).value - count + 1;
}
