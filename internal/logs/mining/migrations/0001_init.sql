-- What is known of a pattern of log messages. One that became part of another
-- names it.
CREATE TABLE logs_pattern (
    id       {{text}} NOT NULL PRIMARY KEY,
    template {{text}} NOT NULL,
    became   {{text}} NOT NULL,
    first_at BIGINT   NOT NULL,
    last_at  BIGINT   NOT NULL
);
CREATE INDEX logs_pattern_last ON logs_pattern (last_at);

-- How often a program wrote it in five minutes.
CREATE TABLE logs_pattern_count (
    bucket  BIGINT   NOT NULL,
    pattern {{text}} NOT NULL,
    app     {{text}} NOT NULL,
    count   BIGINT   NOT NULL,
    PRIMARY KEY (bucket, pattern, app)
);
CREATE INDEX logs_pattern_count_pattern ON logs_pattern_count (pattern, bucket);

-- What the miner has learned.
CREATE TABLE logs_pattern_snapshot (
    name     {{text}} NOT NULL PRIMARY KEY,
    at       BIGINT   NOT NULL,
    snapshot {{bytes}} NOT NULL
);
