-- The latest hard state of each check's target.
CREATE TABLE availability_check (
    target {{text}} NOT NULL PRIMARY KEY,
    item   {{text}} NOT NULL,
    state  {{text}} NOT NULL
);
CREATE INDEX availability_check_item ON availability_check (item);

-- What an item was. Of its own checks (whole is false), and of a tracked item
-- with what it needs (whole is true). to_at of what holds is far away.
CREATE TABLE availability_interval (
    item    {{text}} NOT NULL,
    whole   BOOLEAN  NOT NULL,
    from_at BIGINT   NOT NULL,
    to_at   BIGINT   NOT NULL,
    state   {{text}} NOT NULL,
    cause   {{text}} NOT NULL,
    PRIMARY KEY (item, whole, from_at)
);
CREATE INDEX availability_interval_to ON availability_interval (to_at, whole);

-- Occurrences of maintenance; an empty item is everything.
CREATE TABLE availability_maintenance (
    window_id {{text}} NOT NULL,
    item      {{text}} NOT NULL,
    from_at   BIGINT   NOT NULL,
    to_at     BIGINT   NOT NULL,
    PRIMARY KEY (window_id, item, from_at)
);
CREATE INDEX availability_maintenance_item ON availability_maintenance (item, to_at);

CREATE TABLE availability_incident (
    incident    {{text}} NOT NULL,
    item        {{text}} NOT NULL,
    number      {{text}} NOT NULL,
    title       {{text}} NOT NULL,
    team        {{text}} NOT NULL,
    opened_at   BIGINT   NOT NULL,
    resolved_at BIGINT   NOT NULL,
    PRIMARY KEY (incident, item)
);
CREATE INDEX availability_incident_item ON availability_incident (item, resolved_at);

CREATE TABLE availability_target (
    id         {{text}} NOT NULL PRIMARY KEY,
    name       {{text}} NOT NULL UNIQUE,
    team       {{text}} NOT NULL,
    spec       {{text}} NOT NULL,
    version    BIGINT   NOT NULL,
    created_at BIGINT   NOT NULL,
    updated_at BIGINT   NOT NULL
);
