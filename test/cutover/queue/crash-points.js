/** The transaction that each change of the rows belongs to. */
const transactionOf = {
  addMarks: "begin",
  saveClaims: "claim",
  settleMarks: "settle",
  removeMarks: "settle",
  addParked: "park",
};

/**
 * The parts of a process that can die between any two steps. Its steps are transactions (`before begin`, `in begin`:
 * changed and not committed, `after begin`) and calls of the store (`before send`, `during send`: the answer is not
 * awaited, `after send`).
 */
export function withCrashPoints(parts, reached) {
  const pass = async (step) => {
    if (reached(step)) await new Promise(() => {});
  };
  const transaction = async (work, options) => {
    if (options?.readOnly) return parts.protocol.transaction(work, options);
    let kind;
    const died = Symbol("died");
    const passInside = (step) => {
      if (reached(step)) throw died;
    };
    try {
      const result = await parts.protocol.transaction(async (rows) => {
        kind = undefined;
        const seen = new Proxy(rows, {
          get(target, name) {
            const value = Reflect.get(target, name, target);
            if (typeof value !== "function") return value;
            if (kind !== undefined || !(name in transactionOf)) return value.bind(target);
            return (...values) => {
              kind = transactionOf[name];
              passInside(`before ${kind}`);
              return value.apply(target, values);
            };
          },
        });
        const result = await work(seen);
        if (kind !== undefined) passInside(`in ${kind}`);
        return result;
      }, options);
      if (kind !== undefined) await pass(`after ${kind}`);
      return result;
    } catch (error) {
      // The transaction was rolled back, as after the death of its process.
      if (error === died) await new Promise(() => {});
      throw error;
    }
  };
  const replica = (inner) => ({
    name: inner.name,
    takesVectors: inner.takesVectors,
    read: (...values) => inner.read(...values),
    count: (...values) => inner.count(...values),
    keys: () => inner.keys(),
    send: async (...values) => {
      await pass("before send");
      const answer = inner.send(...values);
      await pass("during send");
      const result = await answer;
      await pass("after send");
      return result;
    },
  });
  const { source, target } = parts.replicas;
  return {
    ...parts,
    protocol: { ...parts.protocol, transaction },
    replicas: { source: replica(source), target: replica(target) },
  };
}
