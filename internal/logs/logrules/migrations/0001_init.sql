-- Declared documents of the kind LogRule, with what the rounds left.
CREATE TABLE logs_rule (
    id         {{text}} NOT NULL PRIMARY KEY,
    name       {{text}} NOT NULL,
    spec       {{text}} NOT NULL,
    state      {{text}} NOT NULL,
    version    BIGINT   NOT NULL,
    updated_at BIGINT   NOT NULL
);
CREATE UNIQUE INDEX logs_rule_name ON logs_rule (name);
