import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readEnvironment } from "../../src/config/environment.ts";
import { readSettings, settingNames } from "../../src/config/settings.ts";
import { SettingsError } from "../../src/foundation/errors.ts";
import { temporaryFile } from "../helpers/temporary.ts";

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    readSettings(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    return (error as SettingsError).faults;
  }
  return [];
}

const cloud = {
  UPSTASH_VECTOR_REST_URL: "https://example-eu1-vector.upstash.io",
  UPSTASH_VECTOR_REST_TOKEN: "secret-token",
};

describe("readSettings (DOC-2)", () => {
  it("has a default for everything", () => {
    expect(readSettings({})).toMatchObject({
      upstash: undefined,
      directory: ".ragfood",
      topK: 3,
      embedder: "index",
      dimension: 1_024,
      generator: "auto",
      model: "llama3.2",
      ollamaHost: "http://127.0.0.1:11434",
    });
  });

  it("takes the store that is asked for, else the cloud where its credentials are set (VEC-2)", () => {
    expect(readSettings({}).store).toBe("embedded");
    expect(readSettings(cloud).store).toBe("upstash");
    expect(readSettings({ ...cloud, STORE: "embedded" }).store).toBe("embedded");
    expect(readSettings({ ...cloud, STORE: "chroma", CHROMA_COLLECTION: "recipes" })).toMatchObject({
      store: "chroma",
      embedder: "ollama",
      chroma: { url: "http://127.0.0.1:8000", collection: "recipes", token: undefined },
    });
    expect(faultsOf({ STORE: "upstash" })).toEqual([
      "UPSTASH_VECTOR_REST_URL is missing: STORE=upstash needs it",
    ]);
    expect(faultsOf({ STORE: "chroma", EMBEDDER: "index" })[0]).toMatch(
      /^EMBEDDER has to be ollama or local/,
    );
    expect(faultsOf({ CHROMA_COLLECTION: "a/b" })[0]).toMatch(/^CHROMA_COLLECTION has to be/);
  });

  it("takes a variable that is set to nothing as not set", () => {
    expect(readSettings({ MAX_RESULTS: "", UPSTASH_VECTOR_REST_URL: " " })).toEqual(readSettings({}));
  });

  it.each(["https://user:word@host", "https://host?token=x", "https://host/#part"])(
    "refuses %s as a base URL",
    (url) => {
      expect(faultsOf({ ...cloud, UPSTASH_VECTOR_REST_URL: url })[0]).toMatch(
        /must hold no user name, query or fragment/,
      );
      expect(faultsOf({ CHROMA_URL: url })[0]).toMatch(/must hold no user name, query or fragment/);
      expect(faultsOf({ OLLAMA_HOST: url })[0]).toMatch(/^OLLAMA_HOST has to be an address/);
    },
  );

  it("requires a model and a server for OpenAI's API, and sends no key unencrypted (RAG-15, SEC-3)", () => {
    expect(faultsOf({ GENERATOR: "openai", EMBEDDER: "openai" })).toEqual([
      "LLM_MODEL is missing: GENERATOR=openai needs the name of a model",
      "EMBEDDING_MODEL is missing: EMBEDDER=openai needs the name of a model",
      "OPENAI_BASE_URL or OPENAI_API_KEY is missing: set the URL of your server, or the key for OpenAI",
    ]);
    const set = { GENERATOR: "openai", LLM_MODEL: "m", OPENAI_API_KEY: "a-key-of-ours" };
    expect(faultsOf({ ...set, OPENAI_BASE_URL: "http://10.0.0.1/v1" })).toEqual([
      "OPENAI_BASE_URL would carry OPENAI_API_KEY unencrypted: use https, or this machine itself",
    ]);
    expect(readSettings({ ...set, OPENAI_BASE_URL: "http://127.0.0.1:8000/v1/" }).openai).toEqual({
      baseUrl: "http://127.0.0.1:8000/v1",
      apiKey: "a-key-of-ours",
    });
  });

  it("understands a token with a Bearer prefix (SEC-1), and an Ollama host without a scheme", () => {
    const settings = readSettings({
      ...cloud,
      UPSTASH_VECTOR_REST_TOKEN: "Bearer secret-token",
      OLLAMA_HOST: "gpu:11434",
    });
    expect(settings.upstash?.token).toBe("secret-token");
    expect(settings.ollamaHost).toBe("http://gpu:11434");
  });

  it("reports all faults at once, with the value, and without that of a token", () => {
    const faults = faultsOf({
      ...cloud,
      MAX_RESULTS: "0",
      GENERATOR: "gpt",
      UPSTASH_VECTOR_REST_URL: "nowhere",
      UPSTASH_VECTOR_REST_TOKEN: "two words",
      EMBEDDING_TEMPLATE: "no text",
    });
    expect(faults).toEqual([
      'UPSTASH_VECTOR_REST_URL has to be a URL like https://example-eu1-vector.upstash.io (it is "nowhere")',
      "UPSTASH_VECTOR_REST_TOKEN has to be a token of plain characters, without blanks",
      'MAX_RESULTS has to be a whole number from 1 to 1000 (it is "0")',
      'EMBEDDING_TEMPLATE has to contain {text} (it is "no text")',
      'GENERATOR has to be auto, ollama, openai or extractive (it is "gpt")',
    ]);
  });

  it.each(["0", "-1", "1.5", "many", "1001", "1e2", "0x10"])("refuses MAX_RESULTS=%s", (value) => {
    expect(faultsOf({ MAX_RESULTS: value })).toHaveLength(1);
  });

  it("does not show an address of a webhook, whose path is a secret", () => {
    const address = "http://hooks.example/the-path-of-the-channel";
    expect(faultsOf({ ALERT_WEBHOOK_URL: address })).toEqual([
      "ALERT_WEBHOOK_URL has to be a URL with https, or with http on this machine",
    ]);
  });

  it("refuses a URL without a token and a token without a URL", () => {
    expect(faultsOf({ UPSTASH_VECTOR_REST_URL: cloud.UPSTASH_VECTOR_REST_URL })[0]).toContain(
      "TOKEN is missing",
    );
    expect(faultsOf({ UPSTASH_VECTOR_REST_TOKEN: "x" })[0]).toContain("URL is missing");
  });

  it("accepts the directory of a local model and an optional dimension (EMB-4)", () => {
    const local = { EMBEDDER: "local", EMBEDDING_MODEL_PATH: "models/potion-base-8M" };
    expect(readSettings(local)).toMatchObject({
      embedder: "local",
      localModel: { path: "models/potion-base-8M", dimension: undefined },
    });
    expect(readSettings({ ...local, VECTOR_DIMENSION: "256" }).localModel?.dimension).toBe(256);
    expect(readSettings({ ...local, EMBEDDER: "ollama" }).localModel).toBeUndefined();
  });

  it("refuses EMBEDDER=local without a directory, and under another name than that of the directory", () => {
    expect(faultsOf({ EMBEDDER: "local" })).toEqual([
      "EMBEDDING_MODEL_PATH is missing: EMBEDDER=local needs the directory of a model",
    ]);
    const local = { EMBEDDER: "local", EMBEDDING_MODEL_PATH: "models/potion-base-8M/" };
    expect(faultsOf({ ...local, EMBEDDING_MODEL: "potion-base-8M" })).toEqual([]);
    expect(faultsOf({ ...local, EMBEDDING_MODEL: "bge-m3" })).toEqual([
      'EMBEDDING_MODEL has to be potion-base-8M, the directory that EMBEDDING_MODEL_PATH names, or not set (it is "bge-m3")',
    ]);
  });

  it("refuses a second index or a local model that nothing would use", () => {
    const url = { FALLBACK_VECTOR_REST_URL: "https://example-us1-vector.upstash.io" };
    for (const unused of [url, { FALLBACK_VECTOR_REST_TOKEN: "x" }, { ...url, FALLBACK: "embedded" }]) {
      expect(faultsOf({ ...cloud, ...unused })).toEqual([expect.stringContaining("need FALLBACK=upstash")]);
    }
    expect(faultsOf({ ...cloud, ...url, FALLBACK: "none" })).toEqual([]);
    expect(faultsOf({ EMBEDDING_MODEL_PATH: "models/x" })).toEqual([
      expect.stringContaining("needs EMBEDDER=local"),
    ]);
    expect(faultsOf({ EMBEDDING_MODEL_PATH: "models/x", EMBEDDER: "index" })).toEqual([]);
  });

  it("takes a second store for reads, and a place for writes during an outage (VEC-8, VEC-9)", () => {
    expect(readSettings(cloud)).toMatchObject({ fallback: undefined, outageWrites: "refuse" });
    expect(readSettings({ ...cloud, FALLBACK: "none" }).fallback).toBeUndefined();
    expect(readSettings({ ...cloud, FALLBACK: "embedded", OUTAGE_WRITES: "queue" })).toMatchObject({
      fallback: { store: "embedded", upstash: undefined, deadlineMs: 2_000 },
      outageWrites: "queue",
    });
    const second = {
      FALLBACK_VECTOR_REST_URL: "https://example-us1-vector.upstash.io",
      FALLBACK_VECTOR_REST_TOKEN: "other-token",
    };
    expect(readSettings({ ...cloud, FALLBACK: "upstash", ...second }).fallback?.upstash).toEqual({
      url: second.FALLBACK_VECTOR_REST_URL,
      token: "other-token",
    });
    expect(faultsOf({ FALLBACK: "embedded", OUTAGE_WRITES: "queue" })).toHaveLength(2);
    expect(faultsOf({ ...cloud, FALLBACK: "upstash" })[0]).toContain("FALLBACK_VECTOR_REST_URL and");
    const same = { ...second, FALLBACK_VECTOR_REST_URL: cloud.UPSTASH_VECTOR_REST_URL };
    expect(faultsOf({ ...cloud, FALLBACK: "upstash", ...same })[0]).toContain("another index");
  });

  it("takes encryption keys, and never shows one (SEC-4)", () => {
    const key = Buffer.alloc(32, 7).toString("base64");
    const encryption = { ENCRYPTION_KEYS: `${key}, ${Buffer.alloc(32, 8).toString("base64")}` };
    expect(readSettings({ ...encryption, ENCRYPTED_FIELDS: "supplier, notes" }).encryption).toMatchObject({
      keys: [key, expect.any(String)],
      fields: ["supplier", "notes"],
      summaryField: undefined,
    });
    expect(readSettings({ ...encryption, ENCRYPTED_TEXT_SUMMARY: "summary" }).encryption?.fields).toEqual([]);
    expect(faultsOf({ ENCRYPTED_FIELDS: "notes" })[0]).toContain("ENCRYPTION_KEYS is missing");
    expect(faultsOf(encryption)[0]).toContain("nothing to encrypt");
    expect(faultsOf({ ...encryption, ENCRYPTED_FIELDS: "a,b", ENCRYPTED_TEXT_SUMMARY: "b" })[0]).toContain(
      "must not name",
    );
    expect(faultsOf({ ...encryption, ENCRYPTED_FIELDS: "a.b" })[0]).toContain("without blanks, dots");
    for (const wrong of [key.slice(4), `${key},${key}`, "secret"]) {
      const faults = faultsOf({ ENCRYPTION_KEYS: wrong, ENCRYPTED_FIELDS: "notes" });
      expect(faults).toHaveLength(1);
      expect(faults[0]).not.toContain(wrong);
    }
  });

  it("describes every setting in .env.example", () => {
    const names = [...readFileSync(".env.example", "utf8").matchAll(/^([A-Z0-9_]+)=/gm)].map(
      ([, name]) => name,
    );
    expect(names.sort()).toEqual([...settingNames].sort());
  });
});

describe("readEnvironment", () => {
  it("reads a .env with a byte-order mark, and refuses one in UTF-16", () => {
    const directoryOf = (file: string) => file.replace(/\.env$/, "");
    const marked = temporaryFile("\uFEFFMAX_RESULTS=7\n", ".env");
    expect(readEnvironment(directoryOf(marked)).MAX_RESULTS).toBe("7");
    const wide = temporaryFile(Buffer.from("MAX_RESULTS=7\n", "utf16le"), ".env");
    expect(() => readEnvironment(directoryOf(wide))).toThrow(/is UTF-16 text; save it as UTF-8/);
  });

  it("reads .env, and lets the process's own variables win", () => {
    const file = temporaryFile("MAX_RESULTS=7\nHOME=from-file\nLLM_MODEL='quoted # not a comment'\n", ".env");
    const environment = readEnvironment(file.replace(/\.env$/, ""));
    expect(environment.MAX_RESULTS).toBe("7");
    expect(environment.LLM_MODEL).toBe("quoted # not a comment");
    expect(environment.HOME).toBe(process.env.HOME);
  });
});
