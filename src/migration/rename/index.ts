export { KeyRenaming } from "./key-renaming.ts";
export { RenamedSource } from "./renamed-source.ts";
