/** Sets a property of any name: a plain assignment to `__proto__` would set the prototype. */
export function setProperty(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") object[key] = value;
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

/** Values by names that other people choose: `constructor` and `toString` have no value unless an entry gives one. */
export function byName<Value>(entries: Iterable<readonly [string, Value]>): Record<string, Value> {
  const table: Record<string, Value> = Object.create(null);
  for (const [name, value] of entries) table[name] = value;
  return table;
}
