import { dirname, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = dirname(fileURLToPath(import.meta.url));
const source = resolve(root, "src");
const output = resolve(root, "dist/cli");

/** A module finds its data files relative to itself; the bundle moves it into `dist/cli`. */
const keepModuleUrls = {
  name: "keep-module-urls",
  transform(code, file) {
    if (!file.startsWith(source) || !code.includes("import.meta.url")) return undefined;
    const compiled = resolve(root, "dist", relative(source, file));
    const path = relative(output, compiled).split(sep).join("/");
    return code.replaceAll("import.meta.url", `new URL(${JSON.stringify(path)}, import.meta.url).href`);
  },
};

/** Packages with native code, and optional ones, stay as npm installs them. prom-client cannot do without its own. */
const installed = ["@photostructure/sqlite", "@huggingface/transformers", "@opentelemetry/api", "chromadb"];

/**
 * Bundles the command line with its dependencies: loading some 200 modules one by one takes most of the time of a
 * short command. Each command is a chunk that loads when the command runs.
 */
const bundle = await rolldown({
  input: { main: "src/cli/main.ts", "emulator-worker": "src/cli/emulator-worker.ts" },
  platform: "node",
  external: (id, importer) => installed.includes(id) && !importer?.includes("/prom-client/"),
  plugins: [keepModuleUrls],
  // hdr-histogram-js loads zlib by `eval`, so that bundlers for browsers leave it out.
  checks: { eval: false },
});
await bundle.write({ dir: output, format: "esm", entryFileNames: "[name].js", chunkFileNames: "[name].js" });
await bundle.close();
