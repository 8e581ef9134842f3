import { useState } from "preact/hooks";
import { readKey, setKey } from "../service/access-keys.ts";
import type { Problem } from "../service/contract.ts";
import { needsKey, problemOf } from "../service/problem-error.ts";

/** Where the browser keeps the name of its user. */
const nameKey = "ragfood.name";

/** Who acts: by a key, which is kept for this browser session, or by a name where the service asks for no key. */
export interface Operator {
  readonly name: string;
  readonly setName: (name: string) => void;
  readonly key: string;
  readonly setTypedKey: (key: string) => void;
  readonly hasKeyField: boolean;
  readonly showKeyField: () => void;
  readonly isBusy: boolean;
  /** What the service said against the last action. */
  readonly problem: Problem | undefined;
  /** What has to be corrected before anything is sent; empty: nothing. */
  readonly fault: string;
  /** Does something under this name and key, unless there is a fault. @returns whether it is done */
  act(action: () => Promise<void>, fault: string | undefined): Promise<boolean>;
}

export function useOperator(): Operator {
  const formerKey = readKey("operate") ?? "";
  const [key, setTypedKey] = useState(formerKey);
  const [name, setName] = useState(() => localStorage.getItem(nameKey) ?? "");
  const [hasKeyField, setHasKeyField] = useState(formerKey !== "");
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [fault, setFault] = useState("");
  const act: Operator["act"] = async (action, wrong) => {
    const isNameless = (key.trim() || name.trim()) === "";
    const found = wrong ?? (isNameless ? "Give your name, or use a key: the history shows who acted." : "");
    setFault(found);
    setProblem(undefined);
    if (found !== "") return false;
    setIsBusy(true);
    setKey("operate", key.trim());
    localStorage.setItem(nameKey, name.trim());
    try {
      await action();
      return true;
    } catch (error) {
      const failure = problemOf(error);
      setProblem(failure);
      if (needsKey(failure)) {
        // A wrong key would lock out the rest of the page.
        setKey("operate", formerKey);
        setHasKeyField(true);
      }
      return false;
    } finally {
      setIsBusy(false);
    }
  };
  const showKeyField = () => setHasKeyField(true);
  return { name, setName, key, setTypedKey, hasKeyField, showKeyField, isBusy, problem, fault, act };
}
