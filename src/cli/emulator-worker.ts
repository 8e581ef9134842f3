import { embeddersFor } from "../composition/application.ts";
import { readEnvironment } from "../config/environment.ts";
import { readSettings } from "../config/settings.ts";
import { noteFromWorker, runWorker } from "../embedded/workers/index.ts";
import { PageFiles } from "../pages/page-files.ts";
import { keepServing } from "./keep-serving.ts";

/** A process of `ragfood emulator --workers`. */
const settings = readSettings(readEnvironment());
keepServing((failure) => noteFromWorker(`Still serving after an error: ${failure}`));
runWorker({
  embeddersFor: (index) => embeddersFor(index, settings),
  createPage: () => new PageFiles({ data: "/data" }),
});
