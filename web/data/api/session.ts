import type { DataSession, OpenIndex } from "../../../src/embedded/data-session.ts";
import { ApiError, IndexApi } from "./index-api.ts";

/** An index that this browser session opened. */
export interface OpenedIndex extends OpenIndex {
  readonly token: string;
  readonly api: IndexApi;
}

export interface Session {
  readonly host: DataSession["host"];
  readonly indexes: readonly OpenedIndex[];
}

/** In the session storage, so that tokens are gone with the tab. */
const key = "ragfood.tokens";

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
}

async function ask(token: string | undefined): Promise<DataSession> {
  let response: Response;
  try {
    response = await fetch("./data/session", {
      headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
    });
  } catch {
    throw new ApiError("The server cannot be reached.", 0);
  }
  if (!response.ok) throw new ApiError(`The server answered ${response.status}.`, response.status);
  return (await response.json()) as DataSession;
}

/** Asks the server what the stored tokens open. Tokens that open nothing are forgotten. */
export async function openSession(): Promise<Session> {
  const tokens = readTokens();
  if (tokens.length === 0) return { host: (await ask(undefined)).host, indexes: [] };
  const answers = await Promise.all(tokens.map(ask));
  const valid = tokens.filter((_, place) => answers[place]?.indexes.length);
  sessionStorage.setItem(key, JSON.stringify(valid));
  return {
    host: answers[0]?.host ?? "emulator",
    indexes: withoutDuplicates(answers.flatMap((answer, place) => open(answer, tokens[place] as string))),
  };
}

function open({ indexes }: DataSession, token: string): OpenedIndex[] {
  return indexes.map((index) => ({ ...index, token, api: new IndexApi(index.base, token) }));
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
  if ((await ask(token)).indexes.length === 0) return false;
  sessionStorage.setItem(key, JSON.stringify([...new Set([...readTokens(), token])]));
  return true;
}
