/**
 * Short times of the protocol, within its rules: a rehearsal often waits for leases.
 * @param rate requests of the client a second
 */
export function rehearsalSettings(rate: number): Readonly<Record<string, string>> {
  return {
    CUTOVER_CALL_TIMEOUT_MS: "1500",
    CUTOVER_ABANDONED_MS: "500",
    CUTOVER_SPARE_MS: "2500",
    CUTOVER_SHADOW_PERCENT: "100",
    CUTOVER_WINDOW_S: "10",
    // Half of the requests are reads, and half of those go to the target in the canary.
    CUTOVER_MINIMUM_REQUESTS: `${rate}`,
    // Both stores are on this machine and take a few milliseconds.
    CUTOVER_FAST_ENOUGH_MS: "700",
    CUTOVER_LAG_S: "8",
    CUTOVER_LOOK_MS: "500",
    CUTOVER_SAMPLE_S: "1",
  };
}

/** On a busy machine calls and copies take longer: neither a call nor a gate nor a read gives up because of it. */
export const patientSettings = {
  CUTOVER_CALL_TIMEOUT_MS: "5000",
  CUTOVER_LAG_S: "60",
  CUTOVER_READ_TIMEOUT_MS: "5000",
  CUTOVER_READ_BOUND_MS: "60000",
} as const;
