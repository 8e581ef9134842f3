export { startEmulatorWorkers, type WorkerEmulator } from "./start.ts";
export { noteFromWorker, runWorker } from "./worker.ts";
