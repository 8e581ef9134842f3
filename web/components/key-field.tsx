import type { JSX } from "preact";
import { LabelledField } from "./labelled-field.tsx";

interface KeyFieldProps {
  readonly label: string;
  /** Where a key comes from, and what happens to it. */
  readonly hint: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** A field for an access key: hidden like a password, and never kept by the browser. */
export function KeyField(props: KeyFieldProps): JSX.Element {
  return <LabelledField type="password" {...props} />;
}
