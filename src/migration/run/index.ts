export { type Endpoint, type EndpointKind, endpointForms, parseEndpoint } from "./endpoint.ts";
export type { Check, Migration, MigrationSource, OpenStore, OpenTarget, TargetDesign } from "./migration.ts";
