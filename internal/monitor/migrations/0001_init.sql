CREATE TABLE monitor_check (
    id         {{text}} NOT NULL PRIMARY KEY,
    name       {{text}} NOT NULL UNIQUE,
    kind       {{text}} NOT NULL,
    team       {{text}} NOT NULL,
    disabled   BOOLEAN  NOT NULL,
    spec       {{text}} NOT NULL,
    version    BIGINT   NOT NULL,
    created_at BIGINT   NOT NULL,
    updated_at BIGINT   NOT NULL
);

-- One row for each item a check is about; a check without a selector has one,
-- under the check's own id.
CREATE TABLE monitor_target (
    id         {{text}} NOT NULL PRIMARY KEY,
    check_id   {{text}} NOT NULL,
    item       {{text}} NOT NULL,
    status     {{text}} NOT NULL,
    hard       BOOLEAN  NOT NULL,
    severity   INTEGER  NOT NULL,
    since      BIGINT   NOT NULL,
    checked_at BIGINT   NOT NULL,
    duration   BIGINT   NOT NULL,
    output     {{text}} NOT NULL,
    state      {{text}} NOT NULL
);
CREATE UNIQUE INDEX monitor_target_check ON monitor_target (check_id, item);
CREATE INDEX monitor_target_item ON monitor_target (item);

CREATE TABLE monitor_result (
    target   {{text}} NOT NULL,
    at       BIGINT   NOT NULL,
    status   {{text}} NOT NULL,
    hard     BOOLEAN  NOT NULL,
    attempt  INTEGER  NOT NULL,
    duration BIGINT   NOT NULL,
    output   {{text}} NOT NULL,
    detail   {{text}} NOT NULL,
    metrics  {{text}} NOT NULL,
    PRIMARY KEY (target, at)
);

-- Events that were decided on and are not yet accepted.
CREATE TABLE monitor_outbox (
    id    {{text}} NOT NULL PRIMARY KEY,
    event {{text}} NOT NULL
);

CREATE TABLE monitor_rule (
    id         {{text}} NOT NULL PRIMARY KEY,
    name       {{text}} NOT NULL UNIQUE,
    team       {{text}} NOT NULL,
    disabled   BOOLEAN  NOT NULL,
    spec       {{text}} NOT NULL,
    version    BIGINT   NOT NULL,
    created_at BIGINT   NOT NULL,
    updated_at BIGINT   NOT NULL
);

CREATE TABLE monitor_rule_alert (
    rule_id     {{text}} NOT NULL,
    fingerprint {{text}} NOT NULL,
    state       {{text}} NOT NULL,
    PRIMARY KEY (rule_id, fingerprint)
);

CREATE TABLE monitor_window (
    id         {{text}} NOT NULL PRIMARY KEY,
    name       {{text}} NOT NULL UNIQUE,
    team       {{text}} NOT NULL,
    spec       {{text}} NOT NULL,
    starts_at  BIGINT   NOT NULL,
    ends_at    BIGINT   NOT NULL,
    version    BIGINT   NOT NULL,
    created_at BIGINT   NOT NULL,
    updated_at BIGINT   NOT NULL
);
