/**
 * Every error that ragfood throws deliberately. Branch on the class or `code`, never on the message.
 */

export * from "./errors/encryption.ts";
export * from "./errors/input.ts";
export * from "./errors/ragfood-error.ts";
export * from "./errors/service.ts";
export * from "./errors/store.ts";
