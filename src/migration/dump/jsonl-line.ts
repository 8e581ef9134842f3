import { z } from "zod";
import { parseJson, stringifyJson } from "../../foundation/exact-json/index.ts";
import type { StoreRecord, Vector } from "../../store/document.ts";
import { damaged } from "./faults.ts";
import type { ReadShardOptions } from "./shard.ts";

const lineSchema = z.strictObject({
  id: z.string(),
  text: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  vector: z.string().optional(),
  sparseVector: z.strictObject({ indices: z.array(z.int().min(0)), values: z.string() }).optional(),
});

type Line = z.infer<typeof lineSchema>;

const vectorKey = ',"vector":"';
const vectorKeyBytes = Buffer.from(vectorKey);
const lineEnd = '"}';

const codes = { quote: 0x22, closingBrace: 0x7d } as const;

/** The two parts of a line: JSON, and the vector, which comes last and unescaped: base64 needs no escapes. */
export interface EncodedLine {
  /** Everything but the vector, and with one, open at the end. */
  readonly head: string;
  /** `undefined`: the head is the whole line. */
  readonly vector: string | undefined;
}

export function encodeLine({ id, text, metadata, vector, sparseVector }: StoreRecord): EncodedLine {
  const line: Line = {
    id,
    ...(text !== undefined && { text }),
    ...(metadata !== undefined && { metadata }),
    ...(sparseVector !== undefined && {
      sparseVector: { indices: [...sparseVector.indices], values: toBase64(sparseVector.values) },
    }),
  };
  const json = stringifyJson(line);
  return vector === undefined
    ? { head: json, vector: undefined }
    : { head: `${json.slice(0, -1)}${vectorKey}`, vector: `${toBase64(vector)}${lineEnd}` };
}

/** @throws {DataError} if it is not a record */
export function decodeLine(
  bytes: Buffer,
  line: number,
  {
    path,
    includeVectors,
    exactNumbers = false,
  }: Pick<ReadShardOptions, "path" | "includeVectors" | "exactNumbers">,
): StoreRecord {
  const last = includeVectors ? lastVector(bytes) : undefined;
  const json = last === undefined ? bytes.toString() : `${bytes.toString("utf8", 0, last.start)}}`;
  const { id, text, metadata, vector, sparseVector } = parseLine(json, path, line, exactNumbers);
  const floats = last?.vector ?? (includeVectors && vector !== undefined && fromBase64(vector).floats);
  return {
    id,
    ...(text !== undefined && { text }),
    ...(metadata !== undefined && { metadata }),
    ...(floats && { vector: floats }),
    ...(includeVectors &&
      sparseVector !== undefined && {
        sparseVector: { indices: sparseVector.indices, values: [...fromBase64(sparseVector.values).floats] },
      }),
  };
}

/**
 * The vector at the end of a line, if the line ends as `encodeLine` writes it; nothing else in valid JSON
 * does. Read from the bytes: most of the time of a parser would go into it. Lines of others go to the parser.
 *
 * @returns also the end of the rest of the line
 */
function lastVector(bytes: Buffer): { vector: Float32Array; start: number } | undefined {
  const end = bytes.length - lineEnd.length;
  if (bytes[end] !== codes.quote || bytes[end + 1] !== codes.closingBrace) return undefined;
  const start = bytes.lastIndexOf(codes.quote, end - 1) + 1 - vectorKey.length;
  if (start < 1 || vectorKeyBytes.compare(bytes, start, start + vectorKey.length) !== 0) return undefined;
  const { floats, isWhole } = fromBase64(bytes.toString("latin1", start + vectorKey.length, end));
  return isWhole ? { vector: floats, start } : undefined;
}

function parseLine(json: string, path: string, line: number, exactNumbers: boolean): Line {
  let value: unknown;
  try {
    value = parseJson(json, exactNumbers ? { literals: { below: "metadata" } } : {});
  } catch (cause) {
    throw damaged(path, `it is not JSON: ${(cause as Error).message}`, { line, cause });
  }
  const parsed = lineSchema.safeParse(value);
  if (parsed.success) return { ...parsed.data, ...metadataOf(value) };
  const issue = parsed.error.issues[0];
  throw damaged(path, `it is not a record: ${issue?.path.join(".") || "the whole"}: ${issue?.message}`, {
    line,
  });
}

/** As it was parsed: the schema drops keys such as `__proto__`. */
function metadataOf(value: unknown): Pick<Line, "metadata"> {
  const { metadata } = value as Line;
  return metadata === undefined ? {} : { metadata };
}

function toBase64(vector: Vector): string {
  const { buffer, byteOffset, byteLength } =
    vector instanceof Float32Array ? vector : Float32Array.from(vector);
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

/** @returns also whether the text is only base64 of whole floats; the decoder ignores everything else */
function fromBase64(text: string): { floats: Float32Array; isWhole: boolean } {
  // Copies the bytes, because floats must start at a multiple of four.
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text, "base64"));
  const written = bytes.write(text, "base64");
  return {
    floats: new Float32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4)),
    isWhole: text.length % 4 === 0 && written === bytes.length && written % 4 === 0,
  };
}
