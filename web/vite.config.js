import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const root = fileURLToPath(new URL(".", import.meta.url));

/** The name of each page with its title. */
const pages = { ask: "Ask", dashboard: "Dashboard", data: "Data", missing: "Not found" };
const addresses = Object.keys(pages).map((page) => resolve(root, `${page}.html`));

/** Every page is made from page.html. */
const template = {
  name: "page-template",
  resolveId: (address) => (addresses.includes(address) ? address : undefined),
  load(address) {
    if (!addresses.includes(address)) return undefined;
    const page = basename(address, ".html");
    const text = readFileSync(resolve(root, "page.html"), "utf8");
    return text.replace("{page}", page).replace("{title}", pages[page]);
  },
};

/** Three pages, and one for addresses without a page. Their addresses are relative, so that a server may put them under any path. */
export default defineConfig({
  root,
  base: "./",
  plugins: [template],
  // Everything is a file of its own: the pages' policy (CSP) allows nothing inline, no data: address either.
  build: {
    outDir: resolve(root, "../dist/web"),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    // Browsers that know `light-dark()`: a colour and its dark twin stay one declaration.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    reportCompressedSize: false,
    rolldownOptions: {
      input: addresses,
    },
  },
});
