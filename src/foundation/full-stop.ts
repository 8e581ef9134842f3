/** A message as a sentence that another one may follow: messages of services have no full stop. */
export function withFullStop(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
