import type { ApplicationObservers } from "../composition/application.ts";
import { wantsDebug } from "../config/environment.ts";
import { describeFailure } from "../foundation/describe-failure.ts";
import { counted } from "../foundation/plural.ts";
import type { TransportEvent } from "../transport/events.ts";
import type { CommandContext } from "./command.ts";

/** Notes about the work below a command: each `.env` that cannot be used, and with RAGFOOD_DEBUG=1 each retry. */
export function observersFor({
  terminal,
  environment,
}: Pick<CommandContext, "terminal" | "environment">): ApplicationObservers {
  return {
    onCredentialsFault: ({ faults }) =>
      terminal.note(
        `The changed .env cannot be used, and the earlier tokens stay in use: ${faults.join("; ")}`,
      ),
    onQueueImport: ({ path, queued, parked, unreadable, aside }) => {
      terminal.note(
        `${counted(queued, "write")} of the queue at ${path} now wait in the outbox, ${parked} parked: ragfood queue`,
      );
      if (unreadable > 0) terminal.note(`${counted(unreadable, "write")} could not be read; see ${aside}`);
    },
    onLearning: (done, total) => terminal.progress("Learning the words of the data", done, total),
    onCostFault: (error) => terminal.note(`Billed requests could not be counted: ${describeFailure(error)}`),
    ...(wantsDebug(environment) && {
      onTransportEvent: (event: TransportEvent) => {
        const line = describe(event);
        if (line !== undefined) terminal.note(line);
      },
    }),
  };
}

function describe(event: TransportEvent): string | undefined {
  switch (event.type) {
    case "retry-scheduled": {
      const { endpoint, error, attempt, waitMs } = event;
      return `/${endpoint} failed (${error}); attempt ${attempt} follows in ${Math.round(waitMs)} ms.`;
    }
    case "breaker-open":
      return `The index failed several times; no request for ${Math.ceil(event.durationMs / 1_000)} s.`;
    case "breaker-close":
      return "The index answers again.";
    case "token-change":
      return `The ${event.access} token was refused; the one that .env holds now is used.`;
    default:
      return undefined;
  }
}
