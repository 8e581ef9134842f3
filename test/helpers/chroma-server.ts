export * from "../../bench/migration/chroma-server.ts";
