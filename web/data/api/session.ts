import type { DataSession, OpenIndex } from "../../../src/embedded/data-session.ts";
import { readKey, setKey } from "../../service/access-keys.ts";
import { ApiError, authorization, IndexApi } from "./index-api.ts";

/** An index that this browser session opened. */
export interface OpenedIndex extends OpenIndex {
  readonly host: DataSession["host"];
  /** Empty if none is needed. */
  readonly token: string;
  readonly api: IndexApi;
}

export interface Session {
  readonly host: DataSession["host"];
  readonly indexes: readonly OpenedIndex[];
}

/** In the session storage, so that tokens are gone with the tab. */
const key = "ragfood.tokens";

/** Tokens of this page, and keys that were entered on the other pages of a service. */
function knownTokens(): string[] {
  const keys = (["read", "write", "operate"] as const).map(readKey).filter((each) => each !== undefined);
  return [...new Set([...readTokens(), ...keys])];
}

function readTokens(): string[] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    return Array.isArray(stored) ? stored.filter((each): each is string => typeof each === "string") : [];
  } catch {
    return [];
  }
}

export function forgetTokens(): void {
  sessionStorage.removeItem(key);
  for (const role of ["read", "write", "operate"] as const) setKey(role, "");
}

async function ask(token: string | undefined): Promise<DataSession> {
  let response: Response;
  try {
    response = await fetch("./data/session", { headers: authorization(token) });
  } catch {
    throw new ApiError("The server cannot be reached.", 0);
  }
  // An emulator answers that nothing is open; a service refuses.
  if (response.status === 401 || response.status === 403) return { host: "service", indexes: [] };
  if (!response.ok) throw new ApiError(`The server answered ${response.status}.`, response.status);
  return (await response.json()) as DataSession;
}

/** Asks the server what the known tokens open; without any, what is open to everyone here. */
export async function openSession(): Promise<Session> {
  const tokens = knownTokens();
  const answers = await Promise.all(tokens.length === 0 ? [ask(undefined)] : tokens.map(ask));
  return {
    host: answers[0]?.host ?? "emulator",
    indexes: withoutDuplicates(answers.flatMap((answer, place) => open(answer, tokens[place] ?? ""))),
  };
}

function open({ host, indexes }: DataSession, token: string): OpenedIndex[] {
  return indexes.map((index) => ({ ...index, host, token, api: new IndexApi(index.base, token) }));
}

/** One entry an index; if two tokens open it, the one that allows more. */
function withoutDuplicates(indexes: readonly OpenedIndex[]): OpenedIndex[] {
  const found = new Map<string, OpenedIndex>();
  for (const index of indexes) {
    if (found.get(index.name)?.access !== "write") found.set(index.name, index);
  }
  return [...found.values()];
}

/** Keeps a token if it opens an index. @returns whether it does */
export async function addToken(token: string): Promise<boolean> {
  const { host, indexes } = await ask(token);
  if (indexes.length === 0) return false;
  // The other pages of a service need it too.
  if (host === "service") setKey("read", token);
  else sessionStorage.setItem(key, JSON.stringify([...new Set([...readTokens(), token])]));
  return true;
}
