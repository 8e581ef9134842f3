import { RagfoodError } from "../foundation/errors.ts";
import { KnownSecret } from "./known-secret.ts";
import { findSecrets, isSecretName } from "./shapes.ts";
import { type Span, viewsOf } from "./view.ts";

/** What stands in the place of a secret. */
export const redacted = "[redacted]";

/** A shorter secret protects nothing, and its removal would tear words apart. */
const minimumSecretLength = 8;

/** Errors behind an error that are described. */
const maximumCauses = 8;

/** An error as a log or a dump may keep it. */
export interface ErrorDescription {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly hint?: string;
  readonly faults?: unknown;
  readonly stack?: string;
  readonly cause?: ErrorDescription;
}

/**
 * Removes secrets from whatever leaves the process: those it was told by value, however they are
 * encoded, and those that give themselves away by their shape (SEC-1).
 */
export class Redactor {
  readonly #known = new Map<string, KnownSecret>();

  /** Takes note of a secret. One of fewer than 8 characters is not taken: removing it would garble texts. */
  learn(value: string): void {
    const secret = value.trim().replace(/^Bearer\s+/i, "");
    if (secret.length >= minimumSecretLength && !this.#known.has(secret)) {
      this.#known.set(secret, new KnownSecret(secret));
    }
  }

  /** Takes note of every variable that is named like a secret, and of passwords and tokens in URLs. */
  learnFrom(environment: Readonly<Record<string, string | undefined>>): void {
    for (const [name, value = ""] of Object.entries(environment)) {
      if (isSecretName(name)) for (const part of value.split(",")) this.learn(part);
      if (isSecretName(name)) this.learn(value);
      for (const secret of secretsOfUrl(value)) this.learn(secret);
    }
  }

  /** The text without secrets. */
  text(text: string): string {
    const spans: Span[] = findSecrets(text);
    if (this.#known.size > 0) {
      for (const view of viewsOf(text)) {
        for (const secret of this.#known.values()) spans.push(...secret.find(view));
      }
    }
    return spans.length === 0 ? text : without(text, spans);
  }

  /** A JSON value without secrets, in its strings and in the names of its fields. */
  value(value: unknown): unknown {
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.value(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, field]) => [this.text(name), this.#field(name, field)]),
    );
  }

  /** A field whose name makes its value a secret, as `{"apiKey": …}`. */
  #field(name: string, value: unknown): unknown {
    if (typeof value !== "string") return this.value(value);
    const text = this.text(value);
    const assignment = `${name}=${text}`;
    return text !== redacted && findSecrets(assignment).some(({ start }) => start === name.length + 1)
      ? redacted
      : text;
  }

  /** An error and what caused it, without secrets. @param withStack for those who look for a fault in the program */
  error(error: unknown, withStack = false): ErrorDescription {
    return this.#describe(error, withStack, 0);
  }

  #describe(error: unknown, withStack: boolean, depth: number): ErrorDescription {
    if (!(error instanceof Error)) return { name: typeof error, message: this.text(String(error)) };
    const { code, faults } = error as { code?: unknown; faults?: unknown };
    const hint = error instanceof RagfoodError ? error.hint : undefined;
    return {
      name: error.name,
      message: this.text(error.message),
      ...(typeof code === "string" && { code }),
      ...(hint !== undefined && { hint: this.text(hint) }),
      ...(faults !== undefined && { faults: this.value(faults) }),
      ...(withStack && error.stack !== undefined && { stack: this.text(error.stack) }),
      ...(error.cause !== undefined &&
        depth < maximumCauses && { cause: this.#describe(error.cause, withStack, depth + 1) }),
    };
  }
}

/** The redactor of this process: settings tell it their secrets, and every exit goes through it. */
export const redactor: Redactor = new Redactor();

function without(text: string, spans: readonly Span[]): string {
  const sorted = [...spans].sort((left, right) => left.start - right.start);
  let result = "";
  let place = 0;
  for (const { start, end } of sorted) {
    if (start >= place) result += `${text.slice(place, start)}${redacted}`;
    place = Math.max(place, end);
  }
  return result + text.slice(place);
}

const secretParameter = /^(?:_?token|access_token|api[_-]?key|key|secret|password|signature|sig)$/i;

function secretsOfUrl(text: string): string[] {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text.trim()) || !URL.canParse(text.trim())) return [];
  const url = new URL(text.trim());
  const parameters = [...url.searchParams].filter(([name]) => secretParameter.test(name));
  return [decoded(url.password), ...parameters.map(([, value]) => value)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
