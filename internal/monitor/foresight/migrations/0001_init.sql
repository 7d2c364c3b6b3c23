-- Declared documents of the kinds Baseline and CapacityPool.
CREATE TABLE foresight_document (
    id         {{text}} NOT NULL PRIMARY KEY,
    kind       {{text}} NOT NULL,
    name       {{text}} NOT NULL,
    team       {{text}} NOT NULL,
    spec       {{text}} NOT NULL,
    version    BIGINT   NOT NULL,
    created_at BIGINT   NOT NULL,
    updated_at BIGINT   NOT NULL
);
CREATE UNIQUE INDEX foresight_document_name ON foresight_document (kind, name);

-- How the last round of a document went.
CREATE TABLE foresight_round (
    document {{text}} NOT NULL PRIMARY KEY,
    at       BIGINT   NOT NULL,
    series   INTEGER  NOT NULL,
    left_out INTEGER  NOT NULL,
    error    {{text}} NOT NULL
);

-- A watched series of a Baseline.
CREATE TABLE foresight_series (
    document {{text}} NOT NULL,
    id       {{text}} NOT NULL,
    labels   {{text}} NOT NULL,
    profile  {{bytes}} NOT NULL,
    hours    INTEGER  NOT NULL,
    state    {{text}} NOT NULL,
    seen_at  BIGINT   NOT NULL,
    PRIMARY KEY (document, id)
);

-- Something that fills, with a value a day and when it is full. A date beyond
-- the forecast is the greatest there is.
CREATE TABLE foresight_capacity (
    id          {{text}} NOT NULL PRIMARY KEY,
    pool        {{text}} NOT NULL,
    title       {{text}} NOT NULL,
    labels      {{text}} NOT NULL,
    item        {{text}} NOT NULL,
    item_name   {{text}} NOT NULL,
    team        {{text}} NOT NULL,
    site        {{text}} NOT NULL,
    unit        {{text}} NOT NULL,
    used        DOUBLE PRECISION NOT NULL,
    capacity    DOUBLE PRECISION NOT NULL,
    share       DOUBLE PRECISION NOT NULL,
    slope       DOUBLE PRECISION NOT NULL,
    earliest_at BIGINT   NOT NULL,
    likely_at   BIGINT   NOT NULL,
    latest_at   BIGINT   NOT NULL,
    horizon_at  BIGINT   NOT NULL,
    history     {{bytes}} NOT NULL,
    updated_at  BIGINT   NOT NULL
);
CREATE INDEX foresight_capacity_pool ON foresight_capacity (pool);
CREATE INDEX foresight_capacity_likely ON foresight_capacity (likely_at);
CREATE INDEX foresight_capacity_item ON foresight_capacity (item);

-- The weekly report, by the Monday it was made.
CREATE TABLE foresight_report (
    week     {{text}} NOT NULL PRIMARY KEY,
    at       BIGINT   NOT NULL,
    summary  {{text}} NOT NULL,
    markdown {{text}} NOT NULL
);
