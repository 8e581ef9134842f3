import type { PageFiles } from "../../pages/page-files.ts";
import type { ServerApp, ServerContext } from "../environment.ts";

/**
 * The built pages: public files, for which no key is needed. What they show comes from the API, for which one is.
 * `/` leads to the page Ask.
 */
export function pageRoutes(app: ServerApp, pages: PageFiles | undefined): void {
  if (pages === undefined) return;
  app.get("/", (context) => context.redirect("./ask"));
  for (const path of ["/ask", "/dashboard", "/data", "/assets/:file"]) {
    app.get(path, async (context, next) => answerPage(context, pages, context.req.path) ?? (await next()));
  }
}

/** Where `PageFiles` has the page for addresses without one. No route leads to it. */
const missing = "/missing";

/**
 * The page that says that nothing is at an address, for a person with a browser; `undefined` for everyone else. Its
 * scripts and styles are relative: it works at the root alone.
 */
export function missingPage(context: ServerContext, pages: PageFiles | undefined): Response | undefined {
  const { req } = context;
  const isForPeople = /\btext\/html\b/.test(req.header("accept") ?? "") && /^\/[^/]*$/.test(req.path);
  return isForPeople && pages !== undefined ? answerPage(context, pages, missing, 404) : undefined;
}

function answerPage(
  context: ServerContext,
  pages: PageFiles,
  path: string,
  status?: 404,
): Response | undefined {
  const { req } = context;
  const answer = pages.answer({
    method: req.method,
    path,
    headers: {
      // What a browser keeps of an address without a page is no answer to compare.
      ...(status === undefined && { "if-none-match": req.header("if-none-match") }),
      "accept-encoding": req.header("accept-encoding"),
    },
  });
  if (answer === undefined) return undefined;
  for (const [name, value] of Object.entries(answer.headers)) context.header(name, value);
  if (answer.body === undefined) return context.body(null, status ?? answer.status);
  return context.body(new Uint8Array(answer.body), status ?? (answer.status as 200));
}
