-- How a check is for the item of a target: overrides may differ from the check.
ALTER TABLE monitor_target ADD COLUMN disabled BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE monitor_target ADD COLUMN overridden BOOLEAN NOT NULL DEFAULT FALSE;

-- What each location found, as JSON; empty for a check with one place.
ALTER TABLE monitor_result ADD COLUMN votes {{text}} NOT NULL DEFAULT '';

-- What came from outside: pings of heartbeats, and results that others push
-- until they are taken in.
CREATE TABLE monitor_ping (
    id       {{text}} NOT NULL PRIMARY KEY,
    target   {{text}} NOT NULL,
    at       BIGINT   NOT NULL,
    signal   {{text}} NOT NULL,
    status   {{text}} NOT NULL,
    output   {{text}} NOT NULL,
    detail   {{text}} NOT NULL,
    metrics  {{text}} NOT NULL,
    duration BIGINT   NOT NULL,
    source   {{text}} NOT NULL,
    taken    BOOLEAN  NOT NULL
);
CREATE INDEX monitor_ping_target ON monitor_ping (target, id);
CREATE INDEX monitor_ping_taken ON monitor_ping (taken, id);

-- The secret in a heartbeat's address, as its hash.
CREATE TABLE monitor_token (
    target     {{text}} NOT NULL PRIMARY KEY,
    hash       {{text}} NOT NULL UNIQUE,
    created_at BIGINT   NOT NULL
);

-- When nobody listened, and when somebody last did.
CREATE TABLE monitor_absence (
    from_at BIGINT NOT NULL PRIMARY KEY,
    to_at   BIGINT NOT NULL
);
CREATE TABLE monitor_alive (
    id {{text}} NOT NULL PRIMARY KEY,
    at BIGINT   NOT NULL
);
