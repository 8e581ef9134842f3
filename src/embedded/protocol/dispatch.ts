import { NotFoundError } from "../../foundation/errors.ts";
import { AnswerBudget } from "../index/answer-budget.ts";
import type { VectorIndex } from "../index/vector-index.ts";
import { type AnswerForm, valueForm } from "./answer.ts";
import { type CommandDefinition, commands } from "./commands.ts";
import type { Faults, RequestCost } from "./faults.ts";

/** The parts of a path: `query/recipes` is the command `query` on the namespace `recipes`. */
export interface Target {
  readonly command: string;
  readonly definition: CommandDefinition;
  readonly namespace: string;
  readonly query: URLSearchParams;
}

/**
 * @param route the command, then a namespace that may hold slashes; percent-decoded
 * @param query the text after the `?`, as in `reset?all`
 * @throws {NotFoundError} 404 for a command that does not exist
 */
export function resolveTarget(route: string, query: string): Target {
  const slash = route.indexOf("/");
  const command = slash < 0 ? route : route.slice(0, slash);
  const definition = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (definition === undefined) {
    throw new NotFoundError("embedded", `Unknown command: /${command}`, { status: 404 });
  }
  const namespace = slash < 0 ? "" : route.slice(slash + 1);
  return { command, definition, namespace, query: new URLSearchParams(query) };
}

/**
 * Runs one command and returns its result in this form.
 *
 * @param ownsBody whether the body was parsed for this call
 */
export async function dispatch(
  index: VectorIndex,
  faults: Faults,
  target: Target,
  body: unknown,
  form: AnswerForm = valueForm,
  ownsBody = false,
): Promise<unknown> {
  const { command, definition, namespace, query } = target;
  if (command !== "emulator-faults") {
    await faults.admit(costOf(definition, body));
    if (definition.access === "write") faults.admitWrite(command);
  }
  return await definition.run({
    index,
    namespace,
    body,
    ownsBody,
    query,
    limits: index.limits,
    faults,
    form,
    budget: new AnswerBudget(),
  });
}

/** A write counts once a record, a batch of queries once a query (help/faq.mdx). */
function costOf({ costs }: CommandDefinition, body: unknown): RequestCost {
  const ids = (body as { ids?: unknown } | null | undefined)?.ids;
  const items = Array.isArray(ids) ? ids : body;
  const count = Array.isArray(items) ? items.length : 1;
  return {
    writes: costs === "writes" ? count : 0,
    queries: costs === "queries" ? (Array.isArray(body) ? count : 1) : 0,
  };
}
