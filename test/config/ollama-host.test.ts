import { describe, expect, it } from "vitest";
import { ollamaUrl } from "../../src/config/ollama-host.ts";

describe("OLLAMA_HOST follows Ollama's grammar (DOC-2)", () => {
  it.each([
    ["", "http://127.0.0.1:11434"],
    ["box", "http://box:11434"],
    ["box:8080", "http://box:8080"],
    ["192.168.1.4", "http://192.168.1.4:11434"],
    [":8080", "http://127.0.0.1:8080"],
    ["0.0.0.0", "http://127.0.0.1:11434"],
    ["0.0.0.0:8080", "http://127.0.0.1:8080"],
    ["::1", "http://[::1]:11434"],
    ["::", "http://[::1]:11434"],
    ["[::1]", "http://[::1]:11434"],
    ["[::1]:8080", "http://[::1]:8080"],
    ["[::]:8080", "http://[::1]:8080"],
    ["fe80::7", "http://[fe80::7]:11434"],
    ['"box:8080"', "http://box:8080"],
    ["http://box", "http://box"],
    ["http://box:11434/", "http://box:11434"],
    ["https://box", "https://box"],
    ["HTTPS://box:8443", "https://box:8443"],
    ["https://box/ollama/", "https://box/ollama"],
    ["box/ollama", "http://box:11434/ollama"],
  ])("%j is %s", (text, url) => {
    expect(ollamaUrl(text)).toBe(url);
  });

  it.each([
    "box:http",
    "box:99999",
    "ftp://box",
    "http://box?x=1",
    "box#1",
    "user:pass@box",
    "a b",
    "[::1",
    "1::2::3",
  ])("%j is no address", (text) => {
    expect(ollamaUrl(text)).toBeUndefined();
  });
});
