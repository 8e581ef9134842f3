import type { ButtonHTMLAttributes, JSX } from "preact";
import { Icon, type IconName } from "../icons/icon.tsx";
import "./button.css";

interface ButtonProps extends Omit<ButtonHTMLAttributes, "icon" | "size"> {
  /** Default: `plain`, with a hairline. `quiet` has no edge; `danger` is for what cannot be undone. */
  readonly look?: "primary" | "plain" | "quiet" | "link" | "danger";
  readonly icon?: IconName;
  /** Whether its action runs: it does nothing until then. Unlike `disabled` it keeps the focus. */
  readonly isBusy?: boolean;
}

export function Button(props: ButtonProps): JSX.Element {
  const { look = "plain", icon, isBusy = false, children, class: extra, onClick, ...rest } = props;
  return (
    <button
      type="button"
      class={`button button-${look} ${look === "link" ? "touch" : ""} ${extra ?? ""}`}
      {...(isBusy ? { "aria-disabled": true } : { onClick })}
      {...rest}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonHTMLAttributes, "icon" | "size" | "label"> {
  readonly icon: IconName;
  /** What it does: for screen readers, and shown by the pointer. */
  readonly label: string;
  readonly look?: "primary" | "plain" | "quiet";
}

export function IconButton({
  icon,
  label,
  look = "quiet",
  class: extra,
  ...rest
}: IconButtonProps): JSX.Element {
  return (
    <button
      type="button"
      class={`button button-${look} button-icon ${extra ?? ""}`}
      aria-label={label}
      title={label}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}
