import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { readEnvironment } from "../../src/config/environment.ts";
import { readSettings, settingNames } from "../../src/config/settings.ts";
import { compileFilter, parseFilter } from "../../src/embedded/filter/index.ts";
import { DenseCodes } from "../../src/embedded/index/dense/codes.ts";
import {
  type CodesDescription,
  readBits,
  writeBits,
  writeBytes,
} from "../../src/embedded/index/dense/side-file.ts";
import { readBytes, readMirrorFile, writeMirrorFile } from "../../src/embedded/index/mirror-file.ts";
import { readConfiguration, VectorIndex } from "../../src/embedded/index.ts";
import { IndexMemoryError } from "../../src/embedded/kernel/memory.ts";
import { seedIndex } from "../../src/embedded/seed.ts";
import { defaultSettings } from "../../src/embedded/settings.ts";
import { bm25 } from "../../src/embedding/bm25.ts";
import { ModelDirectory } from "../../src/embedding/model-directory.ts";
import { readFloats, readTensorEntries } from "../../src/embedding/safetensors.ts";
import { tokenize } from "../../src/embedding/tokenizer.ts";
import { WordPieceTokenizer, wordPieceSchema } from "../../src/embedding/word-piece.ts";
import { validateFile } from "../../src/foods/validate.ts";
import {
  DataError,
  FilterSyntaxError,
  IndexMismatchError,
  SettingsError,
  UsageError,
} from "../../src/foundation/errors.ts";
import { Redactor } from "../../src/security/redactor.ts";
import { readAllowlist } from "../../src/security/scan/allowlist.ts";
import { scanContent } from "../../src/security/scan/content.ts";
import { parseRetryAfter } from "../../src/transport/retry-after.ts";
import { safetensors, wordPieceDefinition } from "../helpers/models.ts";
import { damaged, fuzz, fuzzTimeout, jsonText, mutated, Scratch, soup, survives } from "./fuzz.ts";

const scratch = new Scratch();
const directory = scratch.path;
const file = scratch.file.bind(scratch);
afterAll(() => scratch.remove());

describe("parsers take anything, and refuse by name", { timeout: fuzzTimeout }, () => {
  it("the parser of filters takes any text", async () => {
    const metadata = { text: "x", id: 1, list: [1, "a", null], nested: { a: true } };
    await fuzz(soup, (text) => survives(() => compileFilter(parseFilter(text))(metadata), FilterSyntaxError));
  });

  it("the values of settings", async () => {
    const value = fc.oneof(
      soup,
      fc.constantFrom(
        "0",
        "1",
        "-1",
        "1e3",
        "Infinity",
        "NaN",
        "0x10",
        "http://",
        "https://[::1]:0",
        "https://foods-eu1-vector.upstash.io",
        "http://user:word@host",
        "https://xn--.",
        "10/s",
        "Bearer ",
        "local",
        "ollama",
      ),
    );
    // Few tokens, because the redactor of the process keeps every registered one.
    const token = fc.constantFrom(
      "Bearer ",
      "Bearer abcdefgh",
      `${"A".repeat(43)}=`,
      `${"A".repeat(43)}=,${"A".repeat(43)}=`,
      "two words",
      "\0\0\0\0\0\0\0\0",
      "[".repeat(300),
      "",
    );
    const names = settingNames.filter((name) => !/TOKEN|KEYS?$/.test(name));
    const environment = fc
      .tuple(
        fc.dictionary(fc.constantFrom(...names, "__proto__", "X"), value, { maxKeys: 8 }),
        fc.dictionary(fc.constantFrom("UPSTASH_VECTOR_REST_TOKEN", "ENCRYPTION_KEYS", "X_TOKEN"), token, {
          maxKeys: 2,
        }),
      )
      .map(([plain, secret]) => ({ ...plain, ...secret }));
    await fuzz(environment, (values) => survives(() => readSettings(values), SettingsError));
  });

  it("a .env file", async () => {
    await fuzz(fc.oneof(soup, fc.uint8Array({ maxLength: 200 })), (content) => {
      file(".env", content);
      return survives(() => readEnvironment(directory), SettingsError);
    });
  });

  it("a data file, plain, zipped and damaged", async () => {
    const record = [
      { id: "1", text: "Pho is a soup.", region: "Asia", type: "Soup", rating: 5, tags: ["a", { b: 1 }] },
    ];
    const lines = record.map((item) => JSON.stringify(item)).join("\n");
    const content = fc.oneof<fc.Arbitrary<string | Uint8Array>[]>(
      jsonText,
      mutated(record),
      damaged(Buffer.from(lines)),
      damaged(gzipSync(lines)),
      jsonText.map((text) => gzipSync(text)),
    );
    await fuzz(
      content,
      (data, place) => survives(() => validateFile(file(`data-${place}.json`, data)), DataError),
      { share: 0.5, together: 8 },
    );
  });

  it("the header Retry-After may hold anything", async () => {
    const header = fc.oneof(
      soup,
      fc.date({ noInvalidDate: true }).map(String),
      fc.integer().map(String),
      fc.constant("9".repeat(400)),
    );
    await fuzz(header, (text) =>
      survives(() => {
        const delay = parseRetryAfter({ get: () => text }, 1_700_000_000_000);
        if (delay !== undefined) expect(delay).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("a safetensors file", async () => {
    const whole = safetensors({
      embeddings: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      weights: [[1]],
    });
    const prefixed = jsonText.map((text) => {
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
      return Buffer.concat([length, Buffer.from(text)]);
    });
    await fuzz(
      fc.oneof<fc.Arbitrary<Uint8Array>[]>(damaged(whole), prefixed, fc.uint8Array({ maxLength: 64 })),
      (bytes) =>
        survives(async () => {
          const path = file("model.safetensors", bytes);
          for (const entry of readTensorEntries(path).values()) await readFloats(path, entry);
        }, DataError),
      { share: 0.5 },
    );
  });

  it("a vocabulary, and a text cut into its pieces", async () => {
    const definition = wordPieceDefinition(["[UNK]", "un", "##want", "##ed", "é", "日", "##", ""]);
    await fuzz(
      fc.tuple(fc.oneof(mutated(definition), jsonText), soup),
      ([text, words]) =>
        survives(() => {
          file("tokenizer.json", text);
          const read = new ModelDirectory(directory).readJson("tokenizer.json", wordPieceSchema);
          for (const id of new WordPieceTokenizer(read).encode(words))
            expect(Number.isInteger(id)).toBe(true);
        }, DataError),
      { share: 0.5 },
    );
  });

  it("the terms of a text, and their weights", async () => {
    await fuzz(soup, (text) => survives(() => [tokenize(text), bm25.embed(text, "document")]));
  });

  it("the configuration of an emulator", async () => {
    const configuration = {
      indexes: [
        {
          path: "/a",
          type: "DENSE",
          dimension: 3,
          token: "t",
          limits: { batch: 1 },
          faults: { isDown: true, latencyMs: 1 },
        },
        { path: "/b", type: "SPARSE", readOnlyToken: "r", seed: "x" },
      ],
    };
    await fuzz(
      fc.oneof(mutated(configuration), jsonText),
      (text) =>
        survives(() => readConfiguration(file("indexes.json", text), () => ({ sparse: bm25 })), UsageError),
      { share: 0.5 },
    );
  });

  it("the file of a seed may hold anything", async () => {
    const seed = [
      { id: "1", data: "a text", metadata: { a: 1 } },
      { id: "2", sparseVector: { indices: [1], values: [0.5] }, namespace: "n" },
    ];
    const index = VectorIndex.open({
      path: ":memory:",
      settings: defaultSettings,
      embedders: { sparse: bm25 },
    });
    await fuzz(
      fc.oneof(mutated(seed), jsonText),
      async (text) => {
        await survives(() => seedIndex(index, file("seed.json", text)), DataError);
        index.resetAll();
      },
      { share: 0.2 },
    );
    index.close();
  });

  it("the side files of an index", async () => {
    const description: CodesDescription = { dimension: 5, similarity: "COSINE", byteCodes: true };
    const codes = new DenseCodes(5, true, undefined);
    codes.extend(9);
    const bits = Buffer.concat([...writeBits(codes, description)]);
    const bytes = Buffer.concat([...writeBytes(codes)]);
    await fuzz(
      damaged(bits),
      (damage) => {
        let position = 0;
        const reader = {
          fill: (target: Uint8Array) => {
            if (position + target.length > damage.length) throw new RangeError("no more");
            target.set(damage.subarray(position, position + target.length));
            position += target.length;
          },
        };
        return survives(
          () => readBits(reader, description, 1024 * 1024),
          IndexMismatchError,
          IndexMemoryError,
          RangeError,
        );
      },
      { share: 0.2 },
    );
    const path = join(directory, "mirror");
    const header = {
      version: 2,
      token: "t",
      rowCount: 9,
      tombstone: 0,
      byteCodes: true,
      codeBytes: bytes.length,
    } as const;
    writeMirrorFile(path, header, {
      slots: new Float64Array(9),
      live: new Uint8Array(9),
      bits: [bits],
      sparse: [],
      bytes: [bytes],
    });
    const whole = readFileSync(path);
    await fuzz(
      damaged(whole),
      async (damage) => {
        file("mirror", damage);
        await survives(() => {
          const found = readMirrorFile(
            path,
            () => true,
            (reader) => void reader.take(bits.length),
          );
          if (found === undefined) return;
          expect(damage.subarray(0, found.bytesAt).equals(whole.subarray(0, found.bytesAt))).toBe(true);
          const codes = Buffer.alloc(bytes.length);
          const reading = readBytes(path, found, (reader) => {
            reader.fill(codes);
            return [];
          });
          let step = reading.next();
          while (!step.done) step = reading.next();
          if (step.value) expect(codes.equals(bytes)).toBe(true);
        });
      },
      { share: 0.5 },
    );
  });

  it("the redactor, the scan and its allowlist", async () => {
    const redactor = new Redactor();
    redactor.learn("hunter2-hunter2");
    await fuzz(fc.oneof(soup, jsonText), (text) => survives(() => redactor.value({ [text]: [text] })));
    await fuzz(
      fc.oneof(
        soup.map((text) => Buffer.from(text)),
        fc.uint8Array({ maxLength: 300 }),
      ),
      (bytes) =>
        survives(async () => {
          for await (const { line } of scanContent(
            (async function* () {
              yield Buffer.from(bytes);
            })(),
          ))
            expect(line).toBeGreaterThan(0);
        }),
      { share: 0.5 },
    );
    await fuzz(
      soup,
      (text) => {
        file(".secretsignore", text);
        return survives(() => readAllowlist(directory), DataError);
      },
      { share: 0.5 },
    );
  });
});
