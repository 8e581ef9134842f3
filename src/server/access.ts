import { isIP } from "node:net";
import { AddressList, isLoopbackAddress } from "../foundation/addresses.ts";
import type { KeyVerifier } from "./key-verifier.ts";

/** Who may use the API. */
export interface AccessPolicy {
  /** The address that the server listens on. */
  readonly host: string;
  /** Who needs no key: programs on this machine, or nobody. */
  readonly openTo: "local" | "nobody";
  /** Addresses and networks that may connect; empty: all. */
  readonly allowedAddresses: readonly string[];
  /** Reverse proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Names by which clients may call the service, beside its addresses. */
  readonly allowedHosts: readonly string[];
  /** Origins whose pages may use the API (CORS), or `*` for any. */
  readonly allowedOrigins: readonly string[];
  /** Requests a minute of one key; 0: no limit. */
  readonly requestsPerMinute: number;
  /** Without it no key is accepted. */
  readonly keys?: KeyVerifier;
}

/** Whether a host of a URL, or an address to listen on, is this machine alone. */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  return name === "localhost" || name.endsWith(".localhost") || isLoopbackAddress(name);
}

/** The policy in a form that answers quickly. */
export class Access {
  readonly policy: AccessPolicy;
  readonly trustedProxies: AddressList;
  /** Whether programs on this machine need no key: the service listens only there, and no proxy is before it. */
  readonly isOpenToLocal: boolean;
  readonly #allowed: AddressList;
  readonly #hosts: ReadonlySet<string>;

  constructor(policy: AccessPolicy) {
    this.policy = policy;
    this.trustedProxies = new AddressList(policy.trustedProxies);
    this.isOpenToLocal =
      policy.openTo === "local" && isLoopbackHost(policy.host) && policy.trustedProxies.length === 0;
    this.#allowed = new AddressList(policy.allowedAddresses);
    this.#hosts = new Set(policy.allowedHosts.map((host) => host.toLowerCase()));
  }

  allowsAddress(address: string): boolean {
    return this.#allowed.isEmpty || this.#allowed.has(address);
  }

  /**
   * Whether the service answers under this host name. A page whose name was made to lead to this machine (DNS rebinding)
   * comes with its own name. Addresses are safe: they cannot be rebound.
   *
   * @param host without its port
   */
  allowsHost(host: string): boolean {
    if (isLoopbackHost(host) || this.#hosts.has(host.toLowerCase())) return true;
    if (isLoopbackHost(this.policy.host)) return false;
    return this.#hosts.size === 0 || isIP(host.replace(/^\[(.*)\]$/, "$1")) !== 0;
  }

  /** Whether a page of this origin may use the API. */
  allowsOrigin(origin: string): boolean {
    const { allowedOrigins } = this.policy;
    return allowedOrigins.includes("*") || allowedOrigins.includes(origin);
  }
}
