import { withOpenState } from "../../composition/own-state.ts";
import { readSettings } from "../../config/settings.ts";
import { UsageError } from "../../foundation/errors.ts";
import { quoted } from "../../foundation/quoted.ts";
import { type ApiKey, type IssuedKey, KeyRepository, type KeyScope, keyScopes } from "../../state/keys.ts";
import type { CommandContext, Run } from "../command.ts";
import type { create, list, revoke, rotate } from "../definitions/keys.ts";
import { oneLine } from "../foreign-text.ts";
import { withStateIfAny } from "../state.ts";
import type { Terminal } from "../terminal.ts";

const hourMs = 3_600_000;

/** How the command line names the namespace without a name. */
const defaultNamespace = "(default)";

export const createKey: Run<typeof create> = async (values, context) => {
  const scopes = scopesOf(values.scope ?? []);
  const namespaces = values.namespace?.length
    ? values.namespace.map((name) => (name === defaultNamespace ? "" : name))
    : undefined;
  if (namespaces !== undefined && scopes.includes("operate")) {
    throw new UsageError("A key that is bound to namespaces cannot operate the service.", {
      hint: "Leave out --namespace, or make a second key for --scope operate.",
    });
  }
  const issued = await withOpenState(readSettings(context.environment), (state) =>
    new KeyRepository(state).create({ name: values.name, scopes, namespaces }),
  );
  showToken(issued, values.json, context.terminal);
  return undefined;
};

export const listKeys: Run<typeof list> = async (values, context) => {
  const keys = await withStateIfAny(readSettings(context.environment), async (state) =>
    state === undefined ? [] : await new KeyRepository(state).list(),
  );
  if (values.json) context.terminal.json({ keys: keys.map(describe) });
  else if (keys.length === 0)
    context.terminal.line("There are no keys. Create one: ragfood keys create <name>");
  else for (const key of keys) context.terminal.line(lineOf(key));
  return undefined;
};

export const revokeKey: Run<typeof revoke> = async (values, context) => {
  const key = await withKeys(context, (repository) => repository.revoke(values.id));
  if (values.json) context.terminal.json(describe(key));
  else
    context.terminal.line(`Revoked: ${oneLine(key.name)} (${key.id}). Services refuse it within 2 seconds.`);
  return undefined;
};

export const rotateKey: Run<typeof rotate> = async (values, context) => {
  const { id, overlap } = values;
  const issued = await withKeys(context, (repository) => repository.rotate(id, overlap * hourMs));
  showToken(issued, values.json, context.terminal);
  return undefined;
};

function withKeys<T>(
  { environment }: CommandContext,
  action: (keys: KeyRepository) => Promise<T>,
): Promise<T> {
  return withStateIfAny(readSettings(environment), (state) => {
    if (state !== undefined) return action(new KeyRepository(state));
    throw new UsageError("This project has no keys.", { hint: "Create one: ragfood keys create <name>" });
  });
}

/** @throws {UsageError} */
function scopesOf(names: readonly string[]): KeyScope[] {
  if (names.length === 0) return ["read"];
  return names.map((name) => {
    const scope = keyScopes.find((each) => each === name.toLowerCase());
    if (scope !== undefined) return scope;
    throw new UsageError(`Unknown scope ${quoted(name)}.`, {
      hint: `The scopes are ${keyScopes.join(", ")}.`,
    });
  });
}

/** The token goes to standard output alone, so that a script can take it. */
function showToken({ key, token }: IssuedKey, asJson: boolean, terminal: Terminal): void {
  if (asJson) {
    terminal.disclose(`${JSON.stringify({ token, ...describe(key) }, null, 2)}\n`);
    return;
  }
  terminal.disclose(`${token}\n`);
  terminal.note(lineOf(key));
  terminal.note("Keep the token now: it is not shown again. Send it as: Authorization: Bearer <token>");
}

function describe(key: ApiKey): object {
  return {
    id: key.id,
    name: key.name,
    scopes: key.scopes,
    namespaces: key.namespaces ?? null,
    createdAt: timeOf(key.createdAt),
    rotatedAt: timeOf(key.rotatedAt),
    lastUsedAt: timeOf(key.lastUsedAt),
    overlapEndsAt: timeOf(key.overlapEndsAt),
    revokedAt: timeOf(key.revokedAt),
  };
}

function timeOf(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : new Date(milliseconds).toISOString();
}

/** `3f9a1c02b7de  kitchen app · read · all namespaces · created 2026-11-30 · never used` */
function lineOf(key: ApiKey): string {
  const { id, name, scopes, namespaces, createdAt, lastUsedAt, overlapEndsAt, revokedAt } = key;
  const bound = namespaces?.map((each) => (each === "" ? defaultNamespace : each)).join(", ");
  const parts = [
    `${id}  ${name}`,
    scopes.join(", "),
    bound === undefined ? "all namespaces" : `namespaces: ${bound}`,
    `created ${dayOf(createdAt)}`,
    lastUsedAt === undefined ? "never used" : `last used ${minuteOf(lastUsedAt)}`,
    ...(overlapEndsAt === undefined ? [] : [`former token works until ${minuteOf(overlapEndsAt)}`]),
    ...(revokedAt === undefined ? [] : [`revoked ${minuteOf(revokedAt)}`]),
  ];
  return oneLine(parts.join(" · "));
}

function dayOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

function minuteOf(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
