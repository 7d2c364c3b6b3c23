-- One row is locked by every change of the graph: versions are handed out in
-- the order of commits, and times of changes increase strictly.
CREATE TABLE graph_version (
    id          BIGINT NOT NULL PRIMARY KEY,
    version     BIGINT NOT NULL,
    definitions BIGINT NOT NULL,
    at          BIGINT NOT NULL
);
INSERT INTO graph_version (id, version, definitions, at) VALUES (1, 0, 0, 0);

CREATE TABLE graph_definition (
    kind {{text}} NOT NULL,
    name {{text}} NOT NULL,
    spec {{text}} NOT NULL,
    PRIMARY KEY (kind, name)
);

CREATE TABLE graph_item (
    id          {{text}} NOT NULL PRIMARY KEY,
    class       {{text}} NOT NULL,
    name        {{text}} NOT NULL,
    state       {{text}} NOT NULL,
    team        {{text}} NOT NULL,
    site        {{text}} NOT NULL,
    criticality BIGINT   NOT NULL,
    attributes  {{text}} NOT NULL,
    redundancy  {{text}} NOT NULL,
    survivor    {{text}} NOT NULL,
    changed_by  {{text}} NOT NULL,
    revision    BIGINT   NOT NULL,
    created_at  BIGINT   NOT NULL,
    updated_at  BIGINT   NOT NULL,
    missing_at  BIGINT   NOT NULL,
    version     BIGINT   NOT NULL
);
CREATE INDEX graph_item_class ON graph_item (class, name);
CREATE INDEX graph_item_name ON graph_item (name);
CREATE INDEX graph_item_updated ON graph_item (updated_at);
CREATE INDEX graph_item_version ON graph_item (version);
CREATE INDEX graph_item_missing ON graph_item (missing_at) WHERE missing_at > 0;

-- What items were before: each row held from valid_from until valid_to.
CREATE TABLE graph_past (
    id          {{text}} NOT NULL,
    valid_from  BIGINT   NOT NULL,
    valid_to    BIGINT   NOT NULL,
    class       {{text}} NOT NULL,
    name        {{text}} NOT NULL,
    state       {{text}} NOT NULL,
    team        {{text}} NOT NULL,
    site        {{text}} NOT NULL,
    criticality BIGINT   NOT NULL,
    attributes  {{text}} NOT NULL,
    redundancy  {{text}} NOT NULL,
    survivor    {{text}} NOT NULL,
    changed_by  {{text}} NOT NULL,
    revision    BIGINT   NOT NULL,
    created_at  BIGINT   NOT NULL,
    PRIMARY KEY (id, valid_from)
);
CREATE INDEX graph_past_valid ON graph_past (valid_to, valid_from);

-- What each source said last of each item.
CREATE TABLE graph_observation (
    key         {{text}} NOT NULL PRIMARY KEY,
    item        {{text}} NOT NULL,
    source      {{text}} NOT NULL,
    scope       {{text}} NOT NULL,
    class       {{text}} NOT NULL,
    name        {{text}} NOT NULL,
    team        {{text}} NOT NULL,
    identities  {{text}} NOT NULL,
    attributes  {{text}} NOT NULL,
    redundancy  {{text}} NOT NULL,
    hash        {{text}} NOT NULL,
    observed_at BIGINT   NOT NULL,
    seen_at     BIGINT   NOT NULL,
    stale       BOOLEAN  NOT NULL
-- +sqlite
) WITHOUT ROWID;
-- +postgresql
);
-- +both
CREATE INDEX graph_observation_item ON graph_observation (item);
CREATE INDEX graph_observation_scope ON graph_observation (source, scope, class);
CREATE INDEX graph_observation_fresh ON graph_observation (class, seen_at) WHERE NOT stale;

CREATE TABLE graph_identity (
    kind   {{text}} NOT NULL,
    value  {{text}} NOT NULL,
    item   {{text}} NOT NULL,
    family {{text}} NOT NULL,
    PRIMARY KEY (kind, value, item)
-- +sqlite
) WITHOUT ROWID;
-- +postgresql
);
-- +both
CREATE INDEX graph_identity_item ON graph_identity (item);

CREATE TABLE graph_relation (
    from_item  {{text}} NOT NULL,
    type       {{text}} NOT NULL,
    to_item    {{text}} NOT NULL,
    valid_from BIGINT   NOT NULL,
    valid_to   BIGINT   NOT NULL,
    grp        {{text}} NOT NULL,
    attributes {{text}} NOT NULL,
    sources    {{text}} NOT NULL,
    version    BIGINT   NOT NULL,
    PRIMARY KEY (from_item, type, to_item, valid_from)
-- +sqlite
) WITHOUT ROWID;
-- +postgresql
);
-- +both
CREATE INDEX graph_relation_to ON graph_relation (to_item);
CREATE INDEX graph_relation_version ON graph_relation (version);

-- Relations to items that are not known yet.
CREATE TABLE graph_pending (
    kind       {{text}} NOT NULL,
    value      {{text}} NOT NULL,
    class      {{text}} NOT NULL,
    from_item  {{text}} NOT NULL,
    type       {{text}} NOT NULL,
    source     {{text}} NOT NULL,
    scope      {{text}} NOT NULL,
    grp        {{text}} NOT NULL,
    attributes {{text}} NOT NULL,
    PRIMARY KEY (kind, value, class, from_item, type, source, scope)
);
CREATE INDEX graph_pending_from ON graph_pending (from_item);

-- Whole reports that changed nothing, by their hash.
CREATE TABLE graph_report (
    hash    {{text}} NOT NULL PRIMARY KEY,
    source  {{text}} NOT NULL,
    scope   {{text}} NOT NULL,
    seen_at BIGINT   NOT NULL,
    items   {{text}} NOT NULL
);
CREATE INDEX graph_report_scope ON graph_report (source, scope);

CREATE TABLE graph_duplicate (
    id          {{text}} NOT NULL PRIMARY KEY,
    items       {{text}} NOT NULL UNIQUE,
    reason      {{text}} NOT NULL,
    state       {{text}} NOT NULL,
    opened_at   BIGINT   NOT NULL,
    resolved_at BIGINT   NOT NULL,
    resolved_by {{text}} NOT NULL
);
CREATE INDEX graph_duplicate_state ON graph_duplicate (state, opened_at);

CREATE TABLE graph_merge (
    id        {{text}} NOT NULL PRIMARY KEY,
    survivor  {{text}} NOT NULL,
    merged    {{text}} NOT NULL,
    cause     {{text}} NOT NULL,
    at        BIGINT   NOT NULL,
    by_whom   {{text}} NOT NULL,
    undo      {{text}} NOT NULL,
    undone_at BIGINT   NOT NULL
);
CREATE INDEX graph_merge_survivor ON graph_merge (survivor);
CREATE INDEX graph_merge_merged ON graph_merge (merged);
