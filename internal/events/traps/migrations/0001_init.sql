-- Declared rules, tried in the order of their names.
CREATE TABLE traps_rule (
    name       {{text}} NOT NULL PRIMARY KEY,
    spec       {{text}} NOT NULL,
    updated_at BIGINT   NOT NULL
);
