import type { PageFiles } from "../../pages/page-files.ts";
import type { ServerApp } from "../environment.ts";

/**
 * The built pages: public files, for which no key is needed. What they show comes from the API, for which one is.
 * `/` leads to the page Ask.
 */
export function pageRoutes(app: ServerApp, pages: PageFiles | undefined): void {
  if (pages === undefined) return;
  app.get("/", (context) => context.redirect("./ask"));
  for (const path of ["/ask", "/dashboard", "/data", "/assets/:file"]) {
    app.get(path, async (context, next) => {
      const { req } = context;
      const answer = pages.answer({
        method: req.method,
        path: req.path,
        headers: {
          "if-none-match": req.header("if-none-match"),
          "accept-encoding": req.header("accept-encoding"),
        },
      });
      if (answer === undefined) return await next();
      for (const [name, value] of Object.entries(answer.headers)) context.header(name, value);
      if (answer.body === undefined) return context.body(null, answer.status);
      return context.body(new Uint8Array(answer.body), answer.status as 200);
    });
  }
}
