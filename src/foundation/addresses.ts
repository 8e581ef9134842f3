import { BlockList, isIP, isIPv4 } from "node:net";
import { BoundedCache } from "./bounded-cache.ts";

/** Addresses whose answer a list remembers: a check takes longer than all other checks of a request. */
const mostRemembered = 1_000;

/** IP addresses and networks, as `10.0.0.0/8, 2001:db8::/32, 192.0.2.7`. */
export class AddressList {
  readonly #list = new BlockList();
  readonly #answers = new BoundedCache<string, boolean>(mostRemembered);
  readonly isEmpty: boolean;

  /** @param entries as `isAddressEntry` accepts them */
  constructor(entries: readonly string[]) {
    this.isEmpty = entries.length === 0;
    for (const entry of entries) {
      const [address = "", bits] = entry.split("/");
      const family = familyOf(address);
      if (bits === undefined) this.#list.addAddress(address, family);
      else this.#list.addSubnet(address, Number(bits), family);
    }
  }

  /** False for a text that is not an address. */
  has(address: string): boolean {
    return this.#answers.getOrMake(address, () => {
      const plain = plainAddress(address);
      return isIP(plain) !== 0 && this.#list.check(plain, familyOf(plain));
    });
  }
}

/** Whether a text is an address, or a network like `10.0.0.0/8`. */
export function isAddressEntry(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  if (isIP(address) === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (isIPv4(address) ? 32 : 128));
}

/** The IPv4 address in `::ffff:192.0.2.7`, as sockets that take both families report it; others unchanged. */
export function plainAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped ?? address;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv4(address) ? "ipv4" : "ipv6";
}

const loopback = new AddressList(["127.0.0.0/8", "::1"]);

export function isLoopbackAddress(address: string): boolean {
  return loopback.has(address);
}
