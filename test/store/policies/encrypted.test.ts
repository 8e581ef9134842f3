import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { DecryptionError, EncryptionError, SettingsError } from "../../../src/foundation/errors.ts";
import { JsonText, stringifyJson } from "../../../src/foundation/exact-json/index.ts";
import type { Metadata, StoreRecord } from "../../../src/store/document.ts";
import { parseFilter } from "../../../src/store/filter.ts";
import { EncryptedStore } from "../../../src/store/policies/encryption/encrypted.ts";
import { KeyRing } from "../../../src/store/policies/encryption/key-ring.ts";
import {
  type EncryptionOptions,
  RecordCipher,
} from "../../../src/store/policies/encryption/record-cipher.ts";
import { reencrypt } from "../../../src/store/policies/encryption/reencrypt.ts";
import { FallbackStore } from "../../../src/store/policies/fallback/fallback.ts";
import { deadAddress } from "../../helpers/http-server.ts";
import { denseSettings, httpStore, memoryStore } from "./stores.ts";

const newKey = () => randomBytes(32).toString("base64");
const firstKey = newKey();
const keys = new KeyRing([firstKey]);

function setUp(options: Partial<EncryptionOptions> = {}, inner = memoryStore()) {
  onTestFinished(() => inner.close());
  const encryption = { keys, fields: ["secret"], ...options };
  return { inner, store: new EncryptedStore({ store: inner, ...encryption }), encryption };
}

const recordOf = async (store: { fetch(ids: string[]): Promise<(StoreRecord | undefined)[]> }, id = "a") =>
  (await store.fetch([id]))[0];

describe("RecordCipher (SEC-4)", () => {
  const cipher = new RecordCipher({ keys, fields: ["secret", "other"], summaryField: "summary" });
  const place = { namespace: "n", recordId: "a", field: "secret" };
  const metadataOf = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 }).map((rest) => {
    const { encrypted_text: _, ...kept } = rest;
    return kept as Metadata;
  });

  it("gives back any JSON metadata and any text as they were", () => {
    fc.assert(
      fc.property(
        metadataOf,
        fc.jsonValue(),
        fc.string({ unit: "grapheme" }),
        fc.string(),
        (rest, secret, text, id) => {
          const plain = JSON.parse(JSON.stringify({ ...rest, secret, summary: "in short" }));
          const record = { id, text, metadata: plain };
          expect(cipher.open(cipher.seal(record, "n"), "n")).toEqual(record);
        },
      ),
    );
  });

  it("shows nothing of the plain values", () => {
    const word = fc.string({ minLength: 4, maxLength: 40, unit: fc.constantFrom(..."QXZJKW") });
    fc.assert(
      fc.property(word, word, (text, secret) => {
        const sealed = cipher.seal(
          { id: "a", text, metadata: { secret: { deep: [secret] }, summary: "in short" } },
          "n",
        );
        const shown = JSON.stringify(sealed).replaceAll(/ragfood:1:[\w:-]+/g, "");
        expect(shown).not.toContain(text);
        expect(shown).not.toContain(secret);
        expect(shown).toBe(
          '{"id":"a","text":"in short","metadata":{"secret":"","summary":"in short","encrypted_text":""}}',
        );
      }),
    );
  });

  it("refuses a value of which any bit is flipped", () => {
    // One more byte than a multiple of three: the last character has bits that carry nothing.
    const sealed = keys.seal("plaintext", place);
    for (let position = 0; position < sealed.length; position++) {
      for (let bit = 0; bit < 7; bit++) {
        const flipped =
          sealed.slice(0, position) +
          String.fromCharCode(sealed.charCodeAt(position) ^ (1 << bit)) +
          sealed.slice(position + 1);
        expect(() => keys.open(flipped, place), flipped).toThrow(DecryptionError);
      }
    }
    expect(keys.open(sealed, place)).toBe("plaintext");
  });

  it("refuses a value that was cut off, and one that is no text", () => {
    const sealed = keys.seal("plain", place);
    for (let length = 0; length < sealed.length; length++) {
      expect(() => keys.open(sealed.slice(0, length), place)).toThrow(DecryptionError);
    }
    for (const value of [undefined, null, 1, {}, "plain"]) {
      expect(() => keys.open(value, place)).toThrow(DecryptionError);
    }
  });

  it("refuses a value that was moved to another record, field or namespace", () => {
    const part = fc.constantFrom("namespace", "recordId", "field");
    fc.assert(
      fc.property(
        fc.record({ namespace: fc.string(), recordId: fc.string(), field: fc.string() }),
        part,
        fc.string(),
        (from, name, other) => {
          fc.pre(from[name as keyof typeof from] !== other);
          expect(() => keys.open(keys.seal("plain", from), { ...from, [name]: other })).toThrow(
            /changed or moved/,
          );
        },
      ),
    );
    const joined = { namespace: "n", recordId: "ab", field: "c" };
    expect(() => keys.open(keys.seal("plain", joined), { ...joined, recordId: "a", field: "bc" })).toThrow(
      DecryptionError,
    );
  });

  it("takes a new nonce for each value", () => {
    const sealed = new Set(Array.from({ length: 1_000 }, () => keys.seal("same", place)));
    expect(sealed.size).toBe(1_000);
  });

  it("names the key that is missing, and no key", () => {
    const other = newKey();
    const sealed = new KeyRing([other]).seal("plain", place);
    const keyId = new KeyRing([other]).currentId;
    const failure = catchError(() => keys.open(sealed, place));
    expect(failure).toBeInstanceOf(DecryptionError);
    expect(failure).toMatchObject({ code: "decryption", keyId, recordId: "a", field: "secret" });
    expect(failure.message).toContain(keyId);
    for (const key of [other, firstKey]) {
      expect(JSON.stringify([failure.message, failure])).not.toContain(key.slice(0, 12));
    }
  });

  it("refuses a key of another length, and does not quote it", () => {
    const short = randomBytes(16).toString("base64");
    const failure = catchError(() => new KeyRing([firstKey, short]));
    expect(failure).toBeInstanceOf(SettingsError);
    expect(failure.message).toContain("Key 2 has 16 bytes");
    expect(failure.message).not.toContain(short);
  });
});

function catchError(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error("It did not throw.");
}

describe("EncryptedStore with encrypted fields", () => {
  it("stores ciphertext, and reads, finds and lists plain values of their types", async () => {
    const { store, inner } = setUp();
    const metadata = { secret: 4.5, region: "Goa" };
    await store.upsert([{ id: "a", text: "fiery curry", metadata }]);
    expect((await recordOf(inner))?.metadata).toEqual({
      secret: expect.stringMatching(new RegExp(`^ragfood:1:${keys.currentId}:`)),
      region: "Goa",
    });
    expect((await recordOf(store))?.metadata).toEqual(metadata);
    expect((await store.query({ text: "curry", topK: 1 }))[0]).toMatchObject({ id: "a", metadata });
    for await (const page of store.range())
      expect(page).toEqual([{ id: "a", text: "fiery curry", metadata }]);
  });

  it.each([
    "secret = 1",
    "region = 'x' AND (type = 'y' OR secret.deep[0] IN (1, 2))",
    "HAS FIELD secret",
    "secret[0] CONTAINS 'x'",
    "secret NOT GLOB 'x*'",
  ])("refuses the filter %s", async (text) => {
    const { store } = setUp();
    const filter = parseFilter(text);
    await expect(store.query({ text: "curry", topK: 1, filter })).rejects.toThrow(EncryptionError);
    await expect(store.delete({ filter })).rejects.toMatchObject({ code: "encryption", field: "secret" });
  });

  it("filters on what is not encrypted", async () => {
    const { store } = setUp();
    await store.upsert([{ id: "a", text: "curry", metadata: { secret: 1, secrets: 1 } }]);
    expect(await store.query({ text: "curry", topK: 1, filter: parseFilter("secrets = 1") })).toHaveLength(1);
  });

  it("merges as if nothing were encrypted (RFC 7396)", async () => {
    const object = fc.dictionary(
      fc.constantFrom("secret", "open", "x"),
      fc.oneof(
        fc.constant(null),
        fc.integer(),
        fc.dictionary(fc.constantFrom("x", "y"), fc.oneof(fc.constant(null), fc.integer())),
      ),
    );
    const withoutNulls = (value: unknown) =>
      JSON.parse(JSON.stringify(value, (_, part) => (part === null ? undefined : part)));
    const { store } = setUp();
    const { inner: plain } = setUp();
    await fc.assert(
      fc.asyncProperty(object, fc.array(object, { maxLength: 3 }), async (start, patches) => {
        for (const each of [store, plain]) {
          await each.upsert([{ id: "a", text: "t", metadata: withoutNulls(start) }]);
          for (const metadata of patches) await each.update({ id: "a", metadata, mergeMetadata: true });
        }
        expect(await recordOf(store)).toEqual(await recordOf(plain));
      }),
      { numRuns: 60 },
    );
  });

  it("does not make a change out of what another store remembers", async () => {
    const secondary = setUp();
    await secondary.store.upsert([{ id: "a", text: "t", metadata: { secret: { x: 1 } } }]);
    const primary = httpStore(await deadAddress());
    const store = new EncryptedStore({
      store: new FallbackStore({ primary, secondary: secondary.inner, deadlineMs: 5_000 }),
      ...secondary.encryption,
    });
    expect((await recordOf(store))?.metadata).toEqual({ secret: { x: 1 } });
    await expect(
      store.update({ id: "a", metadata: { secret: { y: 2 } }, mergeMetadata: true }),
    ).rejects.toMatchObject({ code: "service", message: expect.stringContaining("cannot be changed while") });
  });

  it("keeps a number beyond 2^53 as it is written when a change is merged into an encrypted field", async () => {
    const { store } = setUp();
    const exact = (digits: string) => new JsonText(digits);
    await store.upsert([
      { id: "a", text: "t", metadata: { secret: { old: exact("9007199254740993"), kept: 1 } } },
    ]);
    const secret = { new: exact("9007199254740995") };
    await store.update({ id: "a", metadata: { secret }, mergeMetadata: true });
    expect(stringifyJson((await recordOf(store))?.metadata)).toBe(
      '{"secret":{"old":9007199254740993,"kept":1,"new":9007199254740995}}',
    );
    await store.update({ id: "a", metadata: { secret: exact("9007199254740997") }, mergeMetadata: true });
    expect(stringifyJson((await recordOf(store))?.metadata)).toBe('{"secret":9007199254740997}');
  });

  it("refuses metadata that is too large once it is encrypted, before anything is written", async () => {
    const { store, inner } = setUp();
    const large = { id: "b", text: "t", metadata: { secret: "x".repeat(40_000) } };
    await expect(store.upsert([{ id: "a", text: "t", metadata: {} }, large])).rejects.toMatchObject({
      code: "encryption",
      recordId: "b",
    });
    expect((await inner.info()).recordCount).toBe(0);
  });

  it("refuses a ciphertext that was swapped with that of another record, and a plain value", async () => {
    const { store, inner } = setUp();
    await store.upsert([
      { id: "a", text: "t", metadata: { secret: 1 } },
      { id: "b", text: "t", metadata: { secret: 2 } },
    ]);
    const stolen = (await recordOf(inner, "b"))?.metadata?.secret;
    await inner.update({ id: "a", metadata: { secret: stolen } });
    await expect(recordOf(store)).rejects.toThrow(DecryptionError);
    await inner.update({ id: "a", metadata: { secret: 1 } });
    await expect(recordOf(store)).rejects.toThrow(/is not encrypted/);
  });
});

describe("EncryptedStore with encrypted texts", () => {
  const summarised = () => setUp({ summaryField: "summary" });
  const document = {
    id: "a",
    text: "Grandmother's own recipe with tamarind",
    metadata: { secret: ["x"], summary: "a sour curry" },
  };

  it("is searched by the summary, and answers with the text", async () => {
    const { store, inner } = summarised();
    await store.upsert([document]);
    expect(JSON.stringify(await recordOf(inner))).not.toMatch(/Grandmother|tamarind/);
    expect((await recordOf(inner))?.text).toBe("a sour curry");
    const [match] = await store.query({ text: "sour curry", topK: 1 });
    expect(match).toMatchObject(document);
    expect(await store.query({ text: "tamarind", topK: 1 })).toEqual([]);
  });

  it("refuses a text without a summary, new or changed", async () => {
    const { store, inner } = summarised();
    await expect(store.upsert([{ ...document, metadata: {} }])).rejects.toThrow(/no summary/);
    expect((await inner.info()).recordCount).toBe(0);
    await store.upsert([document]);
    for (const change of [
      { text: "new" },
      { metadata: { only: 1 } },
      { metadata: { summary: null }, mergeMetadata: true },
    ]) {
      await expect(store.update({ id: "a", ...change })).rejects.toMatchObject({ code: "encryption" });
    }
    expect(await recordOf(store)).toEqual(document);
  });

  it("changes text, summary and metadata, and keeps the text if it is not named", async () => {
    const { store } = summarised();
    await store.upsert([document]);
    await store.update({ id: "a", metadata: { extra: 1 }, mergeMetadata: true });
    expect(await recordOf(store)).toEqual({ ...document, metadata: { ...document.metadata, extra: 1 } });
    await store.update({ id: "a", metadata: { summary: "a mild stew" } });
    expect(await recordOf(store)).toEqual({ ...document, metadata: { summary: "a mild stew" } });
    expect(await store.query({ text: "stew", topK: 1 })).toHaveLength(1);
    await store.update({ id: "a", text: "new", metadata: { summary: "a soup" }, mergeMetadata: true });
    expect(await recordOf(store)).toEqual({ id: "a", text: "new", metadata: { summary: "a soup" } });
    expect(await store.update({ id: "b", metadata: { summary: "x" } })).toBe(false);
  });

  it("carries vectors beside an encrypted text", async () => {
    const { store } = setUp({ summaryField: "summary" }, memoryStore(denseSettings));
    await store.upsertRecords([{ ...document, vector: [1, 0, 0] }]);
    expect((await store.query({ vector: [1, 0, 0], topK: 1 }))[0]).toMatchObject(document);
  });

  it("refuses metadata that uses the name under which texts are kept", async () => {
    const { store } = summarised();
    const metadata = { ...document.metadata, encrypted_text: "mine" };
    await expect(store.upsert([{ ...document, metadata }])).rejects.toMatchObject({
      field: "encrypted_text",
    });
  });
});

describe("reencrypt", () => {
  it("brings records under a new key while they are read, goes on after a stop, and changes nothing else", async () => {
    const { inner, store, encryption } = setUp({ summaryField: "summary" });
    const records = Array.from({ length: 25 }, (_, place) => ({
      id: `id-${place}`,
      text: `text ${place}`,
      metadata: { secret: place, summary: `summary ${place}`, open: place },
    }));
    await store.upsert(records);
    const nextKey = newKey();
    const rotated = { ...encryption, keys: new KeyRing([nextKey, firstKey]) };
    const reader = new EncryptedStore({ store: inner, ...rotated });
    const stop = new AbortController();
    let writes = 0;
    const stopping = Object.create(inner, {
      update: {
        value: (...change: Parameters<typeof inner.update>) => {
          if (++writes === 10) stop.abort();
          return inner.update(...(change.slice(0, 1) as [Parameters<typeof inner.update>[0]]));
        },
      },
      range: { value: inner.range.bind(inner) },
    });
    await expect(
      reencrypt({ ...rotated, store: stopping, namespace: "", signal: stop.signal }),
    ).rejects.toMatchObject({ code: "cancelled" });
    expect(await reader.fetch(records.map(({ id }) => id))).toEqual(records);
    const rest = await reencrypt({ ...rotated, store: inner, namespace: "" });
    expect(rest).toEqual({ examined: 25, written: 15 });
    const onlyNew = new EncryptedStore({ store: inner, ...encryption, keys: new KeyRing([nextKey]) });
    expect(await onlyNew.fetch(records.map(({ id }) => id))).toEqual(records);
    await expect(recordOf(store, "id-3")).rejects.toThrow(DecryptionError);
    expect(await reencrypt({ ...rotated, store: inner, namespace: "" })).toEqual({
      examined: 25,
      written: 0,
    });
  });

  it("encrypts what an index held before", async () => {
    const { inner, store, encryption } = setUp({ summaryField: "summary" });
    const record = { id: "a", text: "tamarind", metadata: { secret: 7, summary: "sour" } };
    await inner.upsert([record]);
    await expect(recordOf(store)).rejects.toThrow(/is not encrypted/);
    expect(await reencrypt({ ...encryption, store: inner, namespace: "" })).toEqual({
      examined: 1,
      written: 1,
    });
    expect(await recordOf(store)).toEqual(record);
    expect(JSON.stringify(await recordOf(inner))).not.toContain("tamarind");
  });
});
