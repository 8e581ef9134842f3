import type { AccessPolicy } from "../../src/server/access.ts";

/** Programs on this machine need no key, and nothing is limited. */
export const localAccess: AccessPolicy = {
  host: "127.0.0.1",
  openTo: "local",
  allowedAddresses: [],
  trustedProxies: [],
  allowedHosts: [],
  allowedOrigins: [],
  requestsPerMinute: 0,
};
