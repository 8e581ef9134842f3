import { PageFiles } from "../pages/page-files.ts";
import { createServer } from "../server/app.ts";
import type { ServerApp } from "../server/environment.ts";
import { defaultLimits } from "../server/parts.ts";
import { RecentAnswers } from "../server/recent-answers.ts";
import type { Application } from "./application.ts";
import { embedderOf } from "./embedders.ts";

/** The application behind an HTTP API. */
export interface Service {
  /** The API without a socket. */
  readonly app: ServerApp;
  /** From now on the service reports that it is not ready, so that a load balancer sends it nothing more. */
  beginStop(): void;
}

export interface ServiceOptions {
  /** Of the package. */
  readonly version: string;
}

/** Puts the server together from an application. */
export function createService(application: Application, { version }: ServiceOptions): Service {
  const { engine, store, settings } = application;
  const embedder = embedderOf(settings);
  let isStopping = false;
  const app = createServer({
    version,
    engine,
    store,
    namespace: settings.namespace,
    template: settings.template,
    limits: defaultLimits,
    ...(embedder && { embedder }),
    pages: new PageFiles({ ask: "/ask", dashboard: "/dashboard", data: "/data" }),
    feedback: undefined,
    recentAnswers: new RecentAnswers(),
    obstacles: () => (isStopping ? ["The service is stopping."] : []),
  });
  return {
    app,
    beginStop: () => {
      isStopping = true;
    },
  };
}
