import { RagfoodError } from "../foundation/errors.ts";
import { KnownSecret } from "./known-secret.ts";
import { findSecrets, isSecretName } from "./shapes.ts";
import { type Span, viewsOf } from "./view.ts";

/** Replaces a secret. */
export const redacted = "[redacted]";

/** A shorter secret is too weak to protect anything, and redacting it would break up ordinary words. */
const minimumSecretLength = 8;

/** Maximum `cause` errors that are described. */
const maximumCauses = 8;

/** An error in a form that is safe for logs and dumps. */
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
 * Redacts secrets in all output of the process (SEC-1): registered values in any encoding, and texts that have the
 * shape of a secret.
 */
export class Redactor {
  readonly #known = new Map<string, KnownSecret>();

  /** Registers a secret. A secret of fewer than 8 characters is ignored, because redacting it would garble texts. */
  learn(value: string): void {
    const secret = value.trim().replace(/^Bearer\s+/i, "");
    if (secret.length >= minimumSecretLength && !this.#known.has(secret)) {
      this.#known.set(secret, new KnownSecret(secret));
    }
  }

  /** Registers every variable that is named like a secret, and passwords and tokens in URLs. */
  learnFrom(environment: Readonly<Record<string, string | undefined>>): void {
    for (const [name, value = ""] of Object.entries(environment)) {
      if (isSecretName(name)) for (const part of value.split(",")) this.learn(part);
      if (isSecretName(name)) this.learn(value);
      for (const secret of secretsOfUrl(value)) this.learn(secret);
    }
  }

  /** Redacts the secrets in a text. */
  text(text: string): string {
    const spans: Span[] = findSecrets(text);
    if (this.#known.size > 0) {
      for (const view of viewsOf(text)) {
        for (const secret of this.#known.values()) spans.push(...secret.find(view));
      }
    }
    return spans.length === 0 ? text : without(text, spans);
  }

  /** Redacts the secrets in a JSON value, including its field names. */
  value(value: unknown): unknown {
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.value(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, field]) => [this.text(name), this.#field(name, field)]),
    );
  }

  /** A field whose name marks its value as a secret: `{"apiKey": …}`. */
  #field(name: string, value: unknown): unknown {
    if (typeof value !== "string") return this.value(value);
    const text = this.text(value);
    const assignment = `${name}=${text}`;
    return text !== redacted && findSecrets(assignment).some(({ start }) => start === name.length + 1)
      ? redacted
      : text;
  }

  /** An error and its causes without secrets. @param withStack includes stack traces, for debugging */
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

/** The redactor of this process. Settings register their secrets with it, and all output passes through it. */
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
