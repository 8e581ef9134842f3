/**
 * openapi-typescript prints types with the API of TypeScript 5, which TypeScript 7 does not have. While it runs, the
 * import of `typescript` gives the compiler that @ts-morph/common carries.
 */
import { register } from "node:module";

const hook = `export const resolve = (name, context, next) =>
  next(name === "typescript" ? "@ts-morph/common/dist/typescript.js" : name, context);`;

register(`data:text/javascript,${encodeURIComponent(hook)}`, import.meta.url);
