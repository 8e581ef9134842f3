import { readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { z } from "zod";
import { DataError, IndexMismatchError, NotFoundError } from "../foundation/errors.ts";

/** A directory with one model, laid out as on Hugging Face. */
export class ModelDirectory {
  /** Absolute, without a slash at the end. */
  readonly path: string;
  /** The name of the model: that of its directory. */
  readonly name: string;

  /** @throws {NotFoundError} if the directory does not exist */
  constructor(path: string) {
    this.path = resolve(path);
    this.name = basename(this.path);
    if (!statSync(this.path, { throwIfNoEntry: false })?.isDirectory()) {
      throw new NotFoundError("local model", `The model directory ${this.path} does not exist.`, {
        hint: "Set EMBEDDING_MODEL_PATH to a directory that holds a model as Hugging Face lays it out: tokenizer.json, and model.safetensors or onnx/model.onnx.",
      });
    }
  }

  file(name: string): string {
    return join(this.path, name);
  }

  has(name: string): boolean {
    return statSync(this.file(name), { throwIfNoEntry: false })?.isFile() ?? false;
  }

  /** @throws {DataError} if the file does not exist, is not JSON, or does not match the schema */
  readJson<T>(name: string, schema: z.ZodType<T>): T {
    const file = this.file(name);
    const hint = `Download ${this.name} again, with all of its files.`;
    let content: unknown;
    try {
      content = JSON.parse(readFileSync(file, "utf8"));
    } catch (cause) {
      throw new DataError(file, `${file} cannot be read: ${(cause as Error).message}`, { cause, hint });
    }
    const parsed = schema.safeParse(content);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const place = issue?.path.join(".") || "the whole";
    throw new DataError(file, `${file} is not what is expected, at ${place}: ${issue?.message}`, {
      cause: parsed.error,
      hint,
    });
  }
}

/**
 * @param actual the dimension of the model
 * @param expected the configured dimension; `undefined` accepts any
 * @throws {IndexMismatchError} if the two differ
 */
export function requireDimension(model: string, actual: number, expected: number | undefined): void {
  if (expected === undefined || expected === actual) return;
  throw new IndexMismatchError(
    `The model ${model} makes vectors of ${actual} dimensions; the settings say ${expected}.`,
    { hint: `Set VECTOR_DIMENSION=${actual} or leave it out, and ingest into an index of that dimension.` },
  );
}
