export { startEmulatorWorkers } from "./start.ts";
export { noteFromWorker, runWorker } from "./worker.ts";
