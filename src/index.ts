export { type Application, type ApplicationObservers, createApplication } from "./composition/application.ts";
export { type Environment, readEnvironment } from "./config/environment.ts";
export { readSettings, type Settings } from "./config/settings.ts";
export { type Food, foodTemplate, toDocument } from "./foods/food.ts";
export { type IngestOptions, type IngestProgress, type IngestResult, ingest } from "./foods/ingest.ts";
export { validateFile } from "./foods/validate.ts";
export * from "./foundation/errors.ts";
export { Conversation } from "./rag/conversation.ts";
export {
  type Answer,
  type AnswerEvent,
  type AskOptions,
  RagEngine,
  type RagEngineOptions,
} from "./rag/engine.ts";
export { ExtractiveGenerator } from "./rag/extractive-generator.ts";
export type { Exchange, GenerationRequest, Generator } from "./rag/generator.ts";
export { OllamaGenerator } from "./rag/ollama-generator.ts";
export { OpenAiGenerator } from "./rag/openai-generator.ts";
export type { Source } from "./rag/source.ts";
export { Redactor, redactor } from "./security/redactor.ts";
export type { ChromaServer } from "./store/chroma/server.ts";
export type { ChromaSpace } from "./store/chroma/space.ts";
export { ChromaStore, type ChromaStoreOptions } from "./store/chroma.ts";
export type { Document, Match, Metadata, StoreRecord } from "./store/document.ts";
export { allOf, equals, type Filter, parseFilter, toUpstashFilter } from "./store/filter.ts";
export * from "./store/policies/index.ts";
export type * from "./store/store.ts";
export { UpstashStore, type UpstashStoreOptions } from "./store/upstash.ts";
export type { Credentials, CredentialsProvider } from "./transport/credentials.ts";
export type { TransportEvent, TransportListener } from "./transport/events.ts";
export { HttpRequester, type HttpRequesterOptions } from "./transport/http-requester.ts";
export { openTelemetry, type Tracing } from "./transport/tracing.ts";
