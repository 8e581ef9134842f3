import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryDirectory } from "./temporary.ts";

/** A model directory of these files, gone after the test; text and bytes as they are, the rest as JSON. */
export function modelDirectory(files: Record<string, unknown>, name = "tiny-model"): string {
  const directory = join(temporaryDirectory(), name);
  for (const [file, content] of Object.entries(files)) {
    const path = join(directory, file);
    mkdirSync(dirname(path), { recursive: true });
    const isRaw = typeof content === "string" || content instanceof Uint8Array;
    writeFileSync(path, isRaw ? content : JSON.stringify(content));
  }
  return directory;
}

/** A `tokenizer.json` of BERT's kind whose pieces are numbered in order. */
export function wordPieceDefinition(pieces: readonly string[]) {
  return {
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
    },
  };
}

/** A safetensors file of float32 tensors, each a list of rows. */
export function safetensors(tensors: Record<string, readonly (readonly number[])[]>): Buffer {
  let offset = 0;
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  const parts = Object.entries(tensors).map(([name, rows]) => {
    const data = Buffer.from(Float32Array.from(rows.flat()).buffer);
    const shape = [rows.length, rows[0]?.length ?? 0];
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + data.length] };
    offset += data.length;
    return data;
  });
  const text = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([prefix, text, ...parts]);
}

/** A static model: tomatoes and soup point one way, cake another; `[UNK]` would outweigh all of them. */
export const tinyRows: Readonly<Record<string, readonly number[]>> = {
  "[UNK]": [90, 90, 90],
  tomato: [4, 0, 0],
  "##es": [0, 0, 1],
  soup: [2, 2, 0],
  cake: [0, -3, 4],
};

export function staticModel(rows: Readonly<Record<string, readonly number[]>> = tinyRows, name?: string) {
  return modelDirectory(
    {
      "model.safetensors": safetensors({ embeddings: Object.values(rows) }),
      "tokenizer.json": wordPieceDefinition(Object.keys(rows)),
    },
    name,
  );
}
