import type { FilterSyntaxError } from "../../foundation/errors.ts";
import { Lexer, type Token, type TokenKind } from "./lexer.ts";
import type { FilterCondition, FilterExpression, FilterLiteral } from "./syntax.ts";
import { quoted, syntaxErrorAt } from "./syntax-error.ts";

/** In UTF-16 units. */
const MAXIMUM_FILTER_LENGTH = 65_536;
const MAXIMUM_NESTING_DEPTH = 100;
/** The service refuses a list of 1000 strings; its exact limit is unknown. */
const MAXIMUM_LIST_LENGTH = 999;
/** Matching takes pattern × text at worst, and the text may be 48 KB. */
const MAXIMUM_PATTERN_LENGTH = 1_000;

const literalKinds = ["STRING", "NUMBER", "BOOLEAN"] as const;

/**
 * Reads a metadata filter such as `region = 'India' AND energy < 400`; docs/filters.md has the language.
 * Blank text is an error here; the caller decides whether it means "no filter".
 *
 * @throws FilterSyntaxError at the first fault, in the wording of the service's ANTLR parser.
 */
export function parseFilter(text: string): FilterExpression {
  if (text.length > MAXIMUM_FILTER_LENGTH) {
    const problem = `the filter is longer than ${MAXIMUM_FILTER_LENGTH} characters`;
    throw syntaxErrorAt(text, MAXIMUM_FILTER_LENGTH, problem);
  }
  return new Parser(text).parse();
}

/**
 * Recursive descent. Errors follow ANTLR's default strategy for the grammar in docs/filters.md: a token
 * that could simply be left out is `extraneous`, one that could be put in is `missing`, another is
 * `mismatched`; a condition whose form is decided by several tokens has `no viable alternative`.
 */
class Parser {
  readonly #text: string;
  readonly #lexer: Lexer;
  #current: Token;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#lexer = new Lexer(text);
    this.#current = this.#lexer.next();
  }

  parse(): FilterExpression {
    const expression = this.#disjunction();
    this.#match("<EOF>", [], ["<EOF>", "AND", "OR"]);
    return expression;
  }

  #disjunction(): FilterExpression {
    return this.#chain("or", "OR", () => this.#conjunction());
  }

  #conjunction(): FilterExpression {
    return this.#chain("and", "AND", () => this.#primary());
  }

  #chain(kind: "and" | "or", keyword: TokenKind, readOperand: () => FilterExpression): FilterExpression {
    const first = readOperand();
    if (this.#current.kind !== keyword) return first;
    const operands = [first];
    while (this.#current.kind === keyword) {
      this.#advance();
      operands.push(readOperand());
    }
    return { kind, operands };
  }

  #primary(): FilterExpression {
    switch (this.#current.kind) {
      case "'('":
        return this.#group();
      case "HAS":
        return this.#presence();
      case "IDENTIFIER":
        return this.#condition();
      default:
        throw this.#unexpected(["'('", "HAS", "IDENTIFIER"]);
    }
  }

  #group(): FilterExpression {
    const opening = this.#advance();
    if (this.#depth === MAXIMUM_NESTING_DEPTH) {
      throw this.#errorAt(opening, `parentheses nest deeper than ${MAXIMUM_NESTING_DEPTH}`);
    }
    this.#depth++;
    const expression = this.#disjunction();
    this.#depth--;
    this.#match("')'", this.#afterPrimary(), ["')'", "AND", "OR"]);
    return expression;
  }

  #presence(): FilterCondition {
    this.#advance();
    const negated = this.#current.kind === "NOT";
    if (negated) this.#advance();
    else if (this.#current.kind !== "FIELD") throw this.#unexpected(["NOT", "FIELD"]);
    this.#match("FIELD", ["IDENTIFIER"]);
    const field = this.#match("IDENTIFIER", this.#afterPrimary()).text;
    return { kind: "has-field", field, negated };
  }

  #condition(): FilterCondition {
    const field = this.#advance().text;
    const negation = this.#current.kind === "NOT" ? this.#advance() : undefined;
    const negated = negation !== undefined;
    const operator = this.#current;
    switch (operator.kind) {
      case "GLOB":
        this.#advance();
        return { kind: "glob", field, pattern: this.#pattern(), negated };
      case "IN":
        this.#advance();
        return { kind: "in", field, values: this.#list(), negated };
      case "CONTAINS":
        this.#advance();
        return { kind: "contains", field, value: this.#literal(), negated };
      case "COMPARISON":
        if (negated) break;
        this.#advance();
        return { kind: "comparison", field, operator: operator.operator, value: this.#literal() };
    }
    const offending = operator.kind === "<EOF>" ? "" : operator.text;
    const input = field + (negation?.text ?? "") + offending;
    const operators = ["GLOB", "IN", "CONTAINS"] as const;
    const expected: readonly TokenKind[] = negated ? operators : ["COMPARISON", "NOT", ...operators];
    throw this.#errorAt(operator, `no viable alternative at input ${quoted(input)}`, expected);
  }

  #pattern(): string {
    const start = this.#current;
    const pattern = this.#match("STRING", this.#afterPrimary()).value;
    if (pattern.length <= MAXIMUM_PATTERN_LENGTH) return pattern;
    throw this.#errorAt(start, `a pattern is longer than ${MAXIMUM_PATTERN_LENGTH} characters`);
  }

  #list(): FilterLiteral[] {
    this.#match("'('", literalKinds);
    const values = [this.#literal()];
    while (this.#current.kind === "','") {
      const comma = this.#advance();
      if (values.length === MAXIMUM_LIST_LENGTH) {
        throw this.#errorAt(comma, `a list holds more than ${MAXIMUM_LIST_LENGTH} values`);
      }
      values.push(this.#literal());
    }
    if (this.#current.kind !== "')'") throw this.#unexpected(["')'", "','"]);
    this.#advance();
    return values;
  }

  #literal(): FilterLiteral {
    const token = this.#current;
    if (token.kind !== "STRING" && token.kind !== "NUMBER" && token.kind !== "BOOLEAN") {
      throw this.#unexpected(literalKinds);
    }
    this.#advance();
    return token.value;
  }

  #afterPrimary(): readonly TokenKind[] {
    return ["AND", "OR", this.#depth === 0 ? "<EOF>" : "')'"];
  }

  #advance(): Token {
    const token = this.#current;
    this.#current = this.#lexer.next();
    return token;
  }

  /** Takes a token of this kind; `after` is what may come next, `acceptable` all that could have stood here. */
  #match<Kind extends TokenKind>(
    kind: Kind,
    after: readonly TokenKind[],
    acceptable: readonly TokenKind[] = [kind],
  ): Token & { readonly kind: Kind } {
    const token = this.#current;
    if (token.kind === kind) return this.#advance() as Token & { readonly kind: Kind };
    if (this.#followingKind() === kind) throw this.#misplaced("extraneous", [kind]);
    if (after.includes(token.kind))
      throw this.#errorAt(token, `missing ${kind} at ${quoted(token.text)}`, acceptable);
    throw this.#misplaced("mismatched", acceptable);
  }

  #unexpected(expected: readonly TokenKind[]): FilterSyntaxError {
    return this.#misplaced(expected.includes(this.#followingKind()) ? "extraneous" : "mismatched", expected);
  }

  #misplaced(form: "extraneous" | "mismatched", expected: readonly TokenKind[]): FilterSyntaxError {
    const choice = expected.length === 1 ? expected[0] : `{${expected.join(", ")}}`;
    const problem = `${form} input ${quoted(this.#current.text)} expecting ${choice}`;
    return this.#errorAt(this.#current, problem, expected);
  }

  /** The kind of the token after the current one; only a parser that has failed asks, so it is not kept. */
  #followingKind(): TokenKind {
    return this.#lexer.next().kind;
  }

  #errorAt(token: Token, problem: string, expected: readonly TokenKind[] = []): FilterSyntaxError {
    return syntaxErrorAt(this.#text, token.offset, problem, expected);
  }
}
