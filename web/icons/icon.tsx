import type { JSX } from "preact";

/** Shapes on a grid of 20, drawn with one stroke width. Each entry is the `d` of one or more paths. */
const shapes = {
  leaf: ["M4.5 15.5C4.5 8 9 4 16 4c0 7-3 11.5-9 11.5", "M3.5 17c1.2-4 3.6-6.8 7.5-8.5"],
  ask: [
    "M10 3.5c4 0 7 2.7 7 6.2s-3 6.2-7 6.2c-.9 0-1.8-.1-2.6-.4L4 17l.9-3.1C3.7 12.8 3 11.3 3 9.7c0-3.5 3-6.2 7-6.2Z",
  ],
  gauge: ["M3.5 14.5a7.5 7.5 0 1 1 13 0", "M10 12.5l3.2-4", "M10 13.5a1 1 0 1 0 0-2 1 1 0 0 0 0 2Z"],
  table: ["M3.5 4.5h13v11h-13Z", "M3.5 8.5h13", "M3.5 12h13", "M8 8.5v7"],
  search: ["M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11Z", "M13 13l3.5 3.5"],
  send: ["M10 16V4.5", "M5 9.5l5-5 5 5"],
  stop: ["M6 6h8v8H6Z"],
  close: ["M5.5 5.5l9 9", "M14.5 5.5l-9 9"],
  check: ["M4.5 10.5l3.5 3.5 7.5-8"],
  good: ["M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14Z", "M7 10.2l2.2 2.2L13 8.2"],
  warning: ["M10 3.5l7 12.5H3Z", "M10 8.2v3.6", "M10 13.9v.1"],
  bad: ["M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14Z", "M10 6.5v4.5", "M10 13.4v.1"],
  unknown: ["M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14Z", "M7.5 10h5"],
  info: ["M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14Z", "M10 9.2v4.3", "M10 6.6v.1"],
  thumbUp: [
    "M7 9l2.6-5.5c1.2 0 1.9.8 1.9 1.9V8h3.6c1 0 1.7.9 1.5 1.9l-.9 4.6c-.2.8-.8 1.3-1.6 1.3H7Z",
    "M7 9H4v6.8h3",
  ],
  thumbDown: [
    "M13 11l-2.6 5.5c-1.2 0-1.9-.8-1.9-1.9V12H4.9c-1 0-1.7-.9-1.5-1.9l.9-4.6c.2-.8.8-1.3 1.6-1.3H13Z",
    "M13 11h3V4.2h-3",
  ],
  copy: ["M7.5 7.5h8v9h-8Z", "M12.5 7.5v-4h-8v9h3"],
  down: ["M5.5 8l4.5 4.5L14.5 8"],
  up: ["M5.5 12.5L10 8l4.5 4.5"],
  right: ["M8 5.5l4.5 4.5L8 14.5"],
  left: ["M12 5.5L7.5 10l4.5 4.5"],
  filter: ["M3.5 5.5h13", "M6 10h8", "M8.5 14.5h3"],
  refresh: ["M16 10a6 6 0 1 1-1.8-4.3L16 7.5", "M16 4v3.5h-3.5"],
  clock: ["M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14Z", "M10 6.2V10l2.6 1.8"],
  sun: [
    "M10 13.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4Z",
    "M10 2.5v1.6M10 15.9v1.6M2.5 10h1.6M15.9 10h1.6M4.7 4.7l1.1 1.1M14.2 14.2l1.1 1.1M15.3 4.7l-1.1 1.1M5.8 14.2l-1.1 1.1",
  ],
  moon: ["M16.5 11.8A6.8 6.8 0 0 1 8.2 3.5a6.8 6.8 0 1 0 8.3 8.3Z"],
  screen: ["M3 4.5h14v9H3Z", "M7.5 16.5h5", "M10 13.5v3"],
  shield: ["M10 3l6 2.2v4.6c0 3.5-2.4 6-6 7.2-3.6-1.2-6-3.7-6-7.2V5.2Z"],
  archive: ["M3.5 4.5h13v3.5h-13Z", "M4.8 8v7.5h10.4V8", "M8.2 11h3.6"],
  coins: [
    "M10 9c3.3 0 6-1.1 6-2.5S13.3 4 10 4 4 5.1 4 6.5 6.7 9 10 9Z",
    "M4 6.5v7C4 14.9 6.7 16 10 16s6-1.1 6-2.5v-7",
    "M4 10c0 1.4 2.7 2.5 6 2.5s6-1.1 6-2.5",
  ],
  bell: ["M5.5 14V9a4.5 4.5 0 1 1 9 0v5l1.2 0H4.3Z", "M8.5 16.5h3"],
  undo: ["M7.5 4.5L4 8l3.5 3.5", "M4 8h7.5a4.5 4.5 0 0 1 0 9H8"],
  pause: ["M7.2 5v10", "M12.8 5v10"],
  play: ["M6.5 4.5l9 5.5-9 5.5Z"],
  forward: ["M4 10h11.5", "M11 5.5l4.5 4.5-4.5 4.5"],
  route: [
    "M5.5 16a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
    "M14.5 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
    "M5.5 12V8.5A2.5 2.5 0 0 1 8 6h4.5",
    "M14.5 8v3.5A2.5 2.5 0 0 1 12 14H7.5",
  ],
  key: ["M7 13.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z", "M10.3 10H17v2.5", "M14.2 10v2"],
  command: [
    "M7.5 7.5h5v5h-5Z",
    "M7.5 7.5V5.7a1.8 1.8 0 1 0-1.8 1.8ZM12.5 7.5h1.8a1.8 1.8 0 1 0-1.8-1.8ZM12.5 12.5v1.8a1.8 1.8 0 1 0 1.8-1.8ZM7.5 12.5H5.7a1.8 1.8 0 1 0 1.8 1.8Z",
  ],
  plus: ["M10 4.5v11", "M4.5 10h11"],
  dot: ["M10 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z"],
  code: ["M7 6l-4 4 4 4", "M13 6l4 4-4 4"],
  eye: [
    "M2.5 10S5.3 5.2 10 5.2 17.5 10 17.5 10 14.7 14.8 10 14.8 2.5 10 2.5 10Z",
    "M10 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
  ],
  edit: ["M4 16l.8-3.4L13 4.4l2.6 2.6-8.2 8.2Z", "M11.2 6.2l2.6 2.6"],
  document: ["M5.5 3h6l3.5 3.5V17h-9.5Z", "M11.5 3v3.5H15", "M8 10.5h4.5M8 13.5h4.5"],
} as const satisfies Record<string, readonly string[]>;

export type IconName = keyof typeof shapes;

export interface IconProps {
  readonly name: IconName;
  /** Pixels; 16 beside text of 13 px. */
  readonly size?: number;
  /** What a screen reader says. Default: nothing, since a word stands beside the icon. */
  readonly label?: string;
}

/** An icon in the colour of the text around it. */
export function Icon({ name, size = 16, label }: IconProps): JSX.Element {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden={label === undefined}
      role={label === undefined ? undefined : "img"}
      aria-label={label}
    >
      {shapes[name].map((path) => (
        <path key={path} d={path} />
      ))}
    </svg>
  );
}
