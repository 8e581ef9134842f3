import type { StateValue } from "../database.ts";
import { type NewIncident, openIncident } from "../incidents.ts";
import { rowsWithin } from "../pages.ts";
import { idsByNamespace, rowLists, valueLists } from "./lists.ts";
import { MarkRows } from "./mark-rows.ts";
import {
  type Claim,
  type Control,
  type CutoverRows,
  type FailedRecords,
  type Heartbeat,
  type HistoryEntry,
  initialControl,
  type NewParkedWrite,
  type ParkedWrite,
  type RecordKey,
} from "./rows.ts";
import { damagedSeal, sealOf } from "./seal.ts";

interface ClaimRow extends RecordKey {
  readonly owner: string;
  readonly expires: number;
  readonly attempts: number;
  readonly retry_at: number;
  readonly reason: string;
}

interface ParkedRow extends RecordKey {
  readonly sequence: number;
  readonly operation: string;
  readonly reason: string;
  readonly parked_at: number;
  readonly checksum: number;
}

const claimColumns = "namespace, id, owner, expires, attempts, retry_at, reason";

/** The rows of a pair in the state store. */
export class SqlCutoverRows extends MarkRows implements CutoverRows {
  /** As it was read or saved in this transaction. */
  #control: Control | undefined;

  async control(): Promise<Control> {
    if (this.#control) return this.#control;
    const row = await this.get<{ control: string }>("SELECT control FROM cutover_control WHERE pair = ?");
    const control: Control = { ...initialControl, ...(row && JSON.parse(row.control)) };
    this.#control = control;
    return control;
  }

  async saveControl(control: Control): Promise<void> {
    this.#control = control;
    await this.run(
      `INSERT INTO cutover_control (pair, control) VALUES (?, ?)
       ON CONFLICT (pair) DO UPDATE SET control = excluded.control`,
      JSON.stringify(control),
    );
  }

  async appendHistory(entry: HistoryEntry): Promise<void> {
    const row = await this.get<{ last: number }>(
      "SELECT coalesce(max(number), 0) AS last FROM cutover_history WHERE pair = ?",
    );
    await this.run(
      "INSERT INTO cutover_history (pair, number, entry) VALUES (?, ?, ?)",
      (row?.last ?? 0) + 1,
      JSON.stringify(entry),
    );
  }

  async history(limit: number): Promise<HistoryEntry[]> {
    const rows = await this.all<{ entry: string }>(
      "SELECT entry FROM cutover_history WHERE pair = ? ORDER BY number DESC LIMIT ?",
      limit,
    );
    return rows.map(({ entry }) => JSON.parse(entry));
  }

  async openIncident(incident: NewIncident): Promise<void> {
    await openIncident(this.session, { openedAt: await this.now(), ...incident });
  }

  async claimsOf(keys: readonly RecordKey[]): Promise<Claim[]> {
    const claims: Claim[] = [];
    for (const [namespace, ids] of idsByNamespace(keys)) {
      for (const list of valueLists(ids)) {
        const rows = await this.all<ClaimRow>(
          `SELECT ${claimColumns} FROM cutover_claims WHERE pair = ? AND namespace = ? AND id IN (${list.marks})`,
          namespace,
          ...list.values,
        );
        claims.push(...rows.map(toClaim));
      }
    }
    return claims;
  }

  async saveClaims(claims: readonly Claim[]): Promise<void> {
    for (const list of rowLists(claims)) {
      await this.session.run(
        `INSERT INTO cutover_claims (pair, ${claimColumns})
         VALUES ${list.map(() => "(?, ?, ?, ?, ?, ?, ?, ?)").join(", ")}
         ON CONFLICT (pair, namespace, id) DO UPDATE SET owner = excluded.owner, expires = excluded.expires,
           attempts = excluded.attempts, retry_at = excluded.retry_at, reason = excluded.reason`,
        ...list.flatMap((claim): StateValue[] => [
          this.pair,
          claim.namespace,
          claim.id,
          claim.owner,
          claim.expires,
          claim.attempts,
          claim.retryAt,
          claim.reason,
        ]),
      );
    }
  }

  async removeClaims(keys: readonly RecordKey[]): Promise<void> {
    for (const [namespace, ids] of idsByNamespace(keys)) {
      for (const list of valueLists(ids)) {
        await this.run(
          `DELETE FROM cutover_claims WHERE pair = ? AND namespace = ? AND id IN (${list.marks})`,
          namespace,
          ...list.values,
        );
      }
    }
  }

  hasLiveClaim(now: number, namespace?: string): Promise<boolean> {
    const live = "cutover_claims WHERE pair = ? AND expires > ?";
    return namespace === undefined
      ? this.has(live, now)
      : this.has(`${live} AND namespace = ?`, now, namespace);
  }

  async endPauses(): Promise<void> {
    await this.run("UPDATE cutover_claims SET retry_at = 0 WHERE pair = ? AND retry_at > 0");
  }

  async failures(limit: number): Promise<FailedRecords[]> {
    const rows = await this.all<RecordKey & Omit<FailedRecords, "key">>(
      `SELECT reason, count(*) AS records, max(attempts) AS attempts, min(namespace) AS namespace, min(id) AS id
       FROM cutover_claims WHERE pair = ? AND attempts > 0
       GROUP BY reason ORDER BY count(*) DESC, reason LIMIT ?`,
      limit,
    );
    return rows.map(({ namespace, id, ...row }) => ({
      ...row,
      key: row.records === 1 ? { namespace, id } : undefined,
    }));
  }

  async addParked(parked: NewParkedWrite): Promise<void> {
    await this.run(
      `INSERT INTO cutover_parked (pair, sequence, namespace, id, operation, reason, parked_at, checksum)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      parked.sequence,
      parked.namespace,
      parked.id,
      parked.operation,
      parked.reason,
      parked.parkedAt,
      parked.isDamaged ? damagedSeal : sealOf(parked),
    );
  }

  async parked(limit: number, sequence = 0): Promise<ParkedWrite[]> {
    const place = "FROM cutover_parked WHERE pair = ? AND sequence >= ? ORDER BY sequence LIMIT ?";
    const sizes = await this.all<{ bytes: number }>(
      `SELECT octet_length(operation) AS bytes ${place}`,
      sequence,
      limit,
    );
    const rows = await this.all<ParkedRow>(
      `SELECT sequence, namespace, id, operation, reason, parked_at, checksum ${place}`,
      sequence,
      rowsWithin(sizes.map(({ bytes }) => bytes)),
    );
    return rows.map(({ parked_at: parkedAt, checksum, ...row }) => ({
      ...row,
      parkedAt,
      isDamaged: checksum !== sealOf(row),
    }));
  }

  async countParked(): Promise<number> {
    const row = await this.get<{ count: number }>(
      "SELECT count(*) AS count FROM cutover_parked WHERE pair = ?",
    );
    return row?.count ?? 0;
  }

  async removeParked(sequences: readonly number[]): Promise<void> {
    for (const list of valueLists(sequences)) {
      await this.run(
        `DELETE FROM cutover_parked WHERE pair = ? AND sequence IN (${list.marks})`,
        ...list.values,
      );
    }
  }

  heartbeats(): Promise<Heartbeat[]> {
    return this.all<Heartbeat & Record<string, StateValue>>(
      "SELECT process, epoch, expires FROM cutover_heartbeats WHERE pair = ?",
    );
  }

  async saveHeartbeat({ process, epoch, expires }: Heartbeat): Promise<void> {
    await this.run(
      `INSERT INTO cutover_heartbeats (pair, process, epoch, expires) VALUES (?, ?, ?, ?)
       ON CONFLICT (pair, process) DO UPDATE SET epoch = excluded.epoch, expires = excluded.expires`,
      process,
      epoch,
      expires,
    );
  }

  async removeHeartbeat(process: string): Promise<void> {
    await this.run("DELETE FROM cutover_heartbeats WHERE pair = ? AND process = ?", process);
  }
}

function toClaim({ retry_at: retryAt, ...row }: ClaimRow): Claim {
  return { ...row, retryAt };
}
