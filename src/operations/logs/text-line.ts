/** Fields that every line has; they are not repeated behind the message. */
const ownFields = new Set(["level", "time", "msg"]);

/** A line of JSON for a person: the time of day, the level, the message, then the other fields. */
export function textLine(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const rest = Object.entries(fields)
    .filter(([name]) => !ownFields.has(name))
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const clock = String(time).slice(11, 19);
  return `${[clock, String(level).toUpperCase().padEnd(5), msg, ...rest].join(" ")}\n`;
}
