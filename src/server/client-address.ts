import { type AddressList, plainAddress } from "../foundation/addresses.ts";

/** Headers by which a proxy says that it is one. A caller on this machine does not send them. */
const proxyHeaders = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
  "via",
];

export function isForwarded(header: (name: string) => string | undefined): boolean {
  return proxyHeaders.some((name) => header(name) !== undefined);
}

/**
 * The address of the client. Anyone can write `X-Forwarded-For`, and each proxy appends the address that it saw, so the
 * list is believed from the right, as far as trusted proxies have written it.
 *
 * @param peer the other end of the connection
 */
export function clientAddress(peer: string, forwardedFor: string | undefined, trusted: AddressList): string {
  let client = plainAddress(peer);
  const hops = forwardedFor === undefined ? [] : forwardedFor.split(",").reverse();
  for (const hop of hops) {
    if (!trusted.has(client)) return client;
    const address = withoutPort(hop.trim());
    if (address === undefined) return client;
    client = plainAddress(address);
  }
  return client;
}

/** `192.0.2.7:4711` and `[2001:db8::1]:4711` as some proxies write them; `undefined` for what is not an address. */
function withoutPort(text: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\](?::\d+)?|([0-9.]+)(?::\d+)?)$/i.exec(text) ?? [];
  const address = bracketed ?? plain ?? text;
  return /^[0-9a-f:.]+$/i.test(address) ? address : undefined;
}
