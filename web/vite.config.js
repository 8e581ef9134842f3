import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const root = fileURLToPath(new URL(".", import.meta.url));

/** Three pages, and one for addresses without a page. Their addresses are relative, so that a server may put them under any path. */
export default defineConfig({
  root,
  base: "./",
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
      input: ["ask", "dashboard", "data", "missing"].map((page) => resolve(root, `${page}.html`)),
    },
  },
});
