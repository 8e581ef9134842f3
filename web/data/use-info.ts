import { useEffect, useState } from "preact/hooks";
import type { IndexInfo } from "./api/records.ts";
import type { OpenedIndex } from "./api/session.ts";

interface Info {
  readonly info: IndexInfo | undefined;
  readonly failure: Error | undefined;
  /** The refresh that it belongs to. */
  readonly revision: number;
}

const nothingKnown: Info = { info: undefined, failure: undefined, revision: 0 };

/** What the index says about itself. */
export function useInfo(index: OpenedIndex, revision: number): Info {
  const [known, setKnown] = useState<Info & { readonly index?: OpenedIndex }>(nothingKnown);
  useEffect(() => {
    const controller = new AbortController();
    index.api.call<IndexInfo>("info", [], { signal: controller.signal }).then(
      (info) => setKnown({ index, info, failure: undefined, revision }),
      (failure: Error) => {
        if (!controller.signal.aborted) setKnown((before) => ({ ...before, failure, revision }));
      },
    );
    return () => controller.abort();
  }, [index, revision]);
  return known.index === index || known.failure ? known : nothingKnown;
}
