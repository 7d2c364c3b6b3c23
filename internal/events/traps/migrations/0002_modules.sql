-- MIB files that people added.
CREATE TABLE traps_mib (
    name     {{text}} NOT NULL PRIMARY KEY,
    body     {{text}} NOT NULL,
    added_at BIGINT   NOT NULL,
    added_by {{text}} NOT NULL
);
