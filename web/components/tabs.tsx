import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { Icon, type IconName } from "../icons/icon.tsx";
import "./segments.css";

interface TabsProps<Value extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: Value; readonly label: string; readonly icon?: IconName }[];
  readonly value: Value;
  /** The id of the element that shows the chosen one. */
  readonly panel: string;
  readonly onChange: (value: Value) => void;
}

/** One Tab stop: the arrow keys, Home and End move among the tabs, and what they reach is shown. */
export function Tabs<Value extends string>(props: TabsProps<Value>): JSX.Element {
  const { label, options, value, panel, onChange } = props;
  const list = useRef<HTMLDivElement>(null);
  const place = options.findIndex((option) => option.value === value);
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowRight: (place + 1) % options.length,
      ArrowLeft: (place + options.length - 1) % options.length,
      Home: 0,
      End: options.length - 1,
    };
    const next = steps[event.key];
    const option = next === undefined ? undefined : options[next];
    if (option === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    list.current?.querySelectorAll("button")[next as number]?.focus();
    onChange(option.value);
  };
  return (
    <div class="segments" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          class="segment touch"
          role="tab"
          aria-selected={option.value === value}
          aria-controls={panel}
          tabIndex={option.value === value ? 0 : -1}
          onClick={() => onChange(option.value)}
        >
          {option.icon && <Icon name={option.icon} size={14} />}
          {option.label}
        </button>
      ))}
    </div>
  );
}
