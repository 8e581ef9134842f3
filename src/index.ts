/**
 * The library, `ragfood`: an application that answers questions from records, made of settings.
 * `docs/library.md` describes it with examples.
 */
export {
  type Application,
  type ApplicationObservers,
  type ApplicationOptions,
  createApplication,
} from "./composition/application.ts";
export { type Environment, readEnvironment } from "./config/environment.ts";
export { readSettings, type Settings } from "./config/settings.ts";
export type { Embedder, EmbeddingPurpose } from "./embedding/embedder.ts";
export { type IngestOptions, type IngestProgress, type IngestResult, ingest } from "./foods/ingest.ts";
export {
  AnswerTooLargeError,
  AuthenticationError,
  BudgetError,
  CancelledError,
  CircuitOpenError,
  ConnectionError,
  DataError,
  FilterSyntaxError,
  ForbiddenError,
  IndexMismatchError,
  InvalidRequestError,
  NotFoundError,
  QuotaError,
  RagfoodError,
  RateLimitError,
  ServiceError,
  ServiceFaultError,
  SettingsError,
  StorageError,
  TimeoutError,
  UsageError,
} from "./foundation/errors.ts";
export type { Answer, AnswerEvent } from "./rag/answer.ts";
export { Conversation } from "./rag/conversation.ts";
export { type AskOptions, RagEngine, type RagEngineOptions } from "./rag/engine.ts";
export { ExtractiveGenerator } from "./rag/extractive-generator.ts";
export type { Exchange, GenerationRequest, Generator } from "./rag/generator.ts";
export type { Source } from "./rag/source.ts";
export type { Document, Match, Metadata, StoreRecord } from "./store/document.ts";
export { allOf, equals, type Filter, parseFilter } from "./store/filter.ts";
export type * from "./store/store.ts";
