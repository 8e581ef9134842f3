import { describeFailure } from "../../foundation/describe-failure.ts";
import { NotFoundError } from "../../foundation/errors.ts";
import { answerCall } from "../protocol/answer-call.ts";
import { resolveTarget } from "../protocol/dispatch.ts";
import { publicMessage, statusOf } from "../protocol/failure.ts";
import type { DayCounts } from "../protocol/faults.ts";
import type { Mount } from "../protocol/http.ts";
import type { RelayedAnswer, RelayedCall } from "./messages.ts";

/**
 * In the main process: runs the calls whose state is one for all workers. Those are resumable queries and, while
 * faults are simulated, every call of the index: then quotas, rates and delays are exact, and speed does not matter.
 */
export class MainCalls {
  readonly #mounts: ReadonlyMap<string, Mount>;
  readonly #relayed: Set<string>;
  readonly #announce: (path: string, isOn: boolean) => Promise<readonly (DayCounts | undefined)[]>;

  /** @param announce informs every worker that the calls of an index run here, or no longer; returns their counts */
  constructor(
    mounts: readonly Mount[],
    announce: (path: string, isOn: boolean) => Promise<readonly (DayCounts | undefined)[]>,
  ) {
    this.#mounts = new Map(mounts.map((mount) => [mount.path, mount]));
    this.#relayed = new Set(mounts.filter(({ faults }) => faults.isAny).map(({ path }) => path));
    this.#announce = announce;
  }

  /** The indexes whose calls all run here. */
  get relayed(): readonly string[] {
    return [...this.#relayed];
  }

  /** Never throws. */
  async answer({ path, command, namespace, query, body, requestId }: RelayedCall): Promise<RelayedAnswer> {
    try {
      const mount = this.#mounts.get(path);
      if (mount === undefined) throw new NotFoundError("embedded", `No index at ${path}`, { status: 404 });
      const target = resolveTarget(namespace === "" ? command : `${command}/${namespace}`, query);
      const text = await answerCall(mount, target, Buffer.from(body));
      await this.#followFaults(mount);
      return { text };
    } catch (error) {
      const { retryAfterMs } = error as { retryAfterMs?: number };
      return {
        status: statusOf(error),
        message: publicMessage(error, requestId),
        failure: describeFailure(error),
        retryAfterMs,
      };
    }
  }

  /** Before a change of faults is acknowledged, every worker follows it. */
  async #followFaults({ path, faults }: Mount): Promise<void> {
    const isOn = faults.isAny;
    if (isOn === this.#relayed.has(path)) return;
    if (isOn) this.#relayed.add(path);
    else this.#relayed.delete(path);
    for (const counts of await this.#announce(path, isOn)) if (counts) faults.addCounts(counts);
  }
}
