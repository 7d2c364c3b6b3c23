CREATE TABLE hooks_source (
    name       {{text}} NOT NULL PRIMARY KEY,
    spec       {{text}} NOT NULL,
    updated_at BIGINT   NOT NULL
);

-- What was posted last to each source, to try mappings on.
CREATE TABLE hooks_payload (
    id       {{text}} NOT NULL PRIMARY KEY,
    source   {{text}} NOT NULL,
    at       BIGINT   NOT NULL,
    headers  {{text}} NOT NULL,
    query    {{text}} NOT NULL,
    body     {{text}} NOT NULL,
    cut      BOOLEAN  NOT NULL,
    taken    BIGINT   NOT NULL,
    refused  BIGINT   NOT NULL,
    said     {{text}} NOT NULL
);
CREATE INDEX hooks_payload_source ON hooks_payload (source, id);
