/** A result of a job's run: one sentence, and figures as JSON can hold them. */
export interface JobResult {
  readonly summary: string;
  readonly details?: unknown;
  /** The job ran, and what it looked for is wrong: the run counts as failed, and is not repeated before its time. */
  readonly isBad?: boolean;
}

export interface JobContext {
  /** Fires at a stop, and when another replica has taken the run over. */
  readonly signal: AbortSignal;
  /** The figures of the run before, as JSON held them; `undefined` for the first run. */
  readonly lastDetails: unknown;
}

/** Something that the service does at set times, on one replica. */
export interface Job {
  /** In lower case, as status and logs show it: `backup`. */
  readonly name: string;
  /** A cron expression in UTC. */
  readonly expression: string;
  /** The variable that holds the expression. */
  readonly setting: string;
  /**
   * May run twice for the same time if a replica loses its lease, so it has to bear that.
   *
   * @throws {Error} if it could not be done; it is tried again after a minute, then after five
   */
  run(context: JobContext): Promise<JobResult>;
}
