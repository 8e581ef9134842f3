/**
 * Calls a function once for each object, and keeps what it returned as long as the object lives.
 *
 * @example const wordsOf = oncePer((record: Source) => tokenize(record.text));
 */
export function oncePer<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new WeakMap<Key, { readonly value: Value }>();
  return (key) => {
    let known = made.get(key);
    if (known === undefined) {
      known = { value: make(key) };
      made.set(key, known);
    }
    return known.value;
  };
}
