import type { GenerationRequest, Generator } from "../../src/rag/generator.ts";

/** Records its requests; writes scripted pieces, then optionally fails. */
export class ScriptedGenerator implements Generator {
  readonly name: string;
  readonly requests: GenerationRequest[] = [];
  readonly #pieces: readonly string[];
  readonly #failure: Error | undefined;

  constructor(name: string, pieces: readonly string[], failure?: Error) {
    this.name = name;
    this.#pieces = pieces;
    this.#failure = failure;
  }

  async *generate(request: GenerationRequest): AsyncGenerator<string> {
    this.requests.push(request);
    yield* this.#pieces;
    if (this.#failure) throw this.#failure;
  }
}
