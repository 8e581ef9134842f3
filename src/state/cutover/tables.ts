/**
 * `pair` names two stores that are kept in step, so that several pairs share the tables. The control row holds
 * JSON: only the rules of the protocol read it. Operations are JSON too, and a checksum covers what they do and where.
 */
export const cutoverTables = `
  CREATE TABLE cutover_control (pair TEXT PRIMARY KEY, control TEXT NOT NULL);
  CREATE TABLE cutover_history (
    pair TEXT NOT NULL,
    number BIGINT NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (pair, number)
  );
  CREATE TABLE cutover_marks (
    pair TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    namespace TEXT NOT NULL,
    id TEXT NOT NULL,
    operation TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    status TEXT NOT NULL,
    is_touch BIGINT NOT NULL,
    lease BIGINT NOT NULL,
    opened BIGINT NOT NULL,
    tag TEXT NOT NULL,
    checksum BIGINT NOT NULL,
    PRIMARY KEY (pair, sequence)
  );
  CREATE INDEX cutover_marks_by_key ON cutover_marks (pair, namespace, id, sequence);
  CREATE INDEX cutover_marks_by_status ON cutover_marks (pair, status, sequence, bytes);
  CREATE INDEX cutover_marks_by_tag ON cutover_marks (pair, tag, sequence);
  CREATE INDEX cutover_touches ON cutover_marks (pair, sequence) WHERE is_touch = 1;
  CREATE TABLE cutover_claims (
    pair TEXT NOT NULL,
    namespace TEXT NOT NULL,
    id TEXT NOT NULL,
    owner TEXT NOT NULL,
    expires BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    retry_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (pair, namespace, id)
  );
  CREATE INDEX cutover_claims_by_expiry ON cutover_claims (pair, expires);
  CREATE TABLE cutover_parked (
    pair TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    namespace TEXT NOT NULL,
    id TEXT NOT NULL,
    operation TEXT NOT NULL,
    reason TEXT NOT NULL,
    parked_at BIGINT NOT NULL,
    checksum BIGINT NOT NULL,
    PRIMARY KEY (pair, sequence)
  );
  CREATE TABLE cutover_heartbeats (
    pair TEXT NOT NULL,
    process TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (pair, process)
  );
`;
