/**
 * How long something took, for people: `42 s`, `12 min`, `2 h 5 min`, `3 d 4 h`. Never more than has passed, and from
 * an hour on with the next smaller unit.
 */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return pair(`${hours} h`, minutes % 60, "min");
  return pair(`${Math.floor(hours / 24)} d`, hours % 24, "h");
}

function pair(text: string, rest: number, unit: string): string {
  return rest === 0 ? text : `${text} ${rest} ${unit}`;
}
