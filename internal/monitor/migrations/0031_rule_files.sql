-- A rule of a Prometheus rule file is a row like any other; the file owns it.
ALTER TABLE monitor_rule ADD COLUMN file {{text}} NOT NULL DEFAULT '';
ALTER TABLE monitor_rule ADD COLUMN grp {{text}} NOT NULL DEFAULT '';
ALTER TABLE monitor_rule ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
ALTER TABLE monitor_rule ADD COLUMN kind {{text}} NOT NULL DEFAULT 'alert';
CREATE INDEX monitor_rule_file_rules ON monitor_rule (file, grp, position);

CREATE TABLE monitor_rule_file (
    id         {{text}} NOT NULL PRIMARY KEY,
    name       {{text}} NOT NULL UNIQUE,
    team       {{text}} NOT NULL,
    disabled   BOOLEAN  NOT NULL,
    spec       {{text}} NOT NULL,
    version    BIGINT   NOT NULL,
    created_at BIGINT   NOT NULL,
    updated_at BIGINT   NOT NULL
);

-- Groups whose rules cannot be evaluated, as told.
CREATE TABLE monitor_rule_trouble (
    unit  {{text}} NOT NULL PRIMARY KEY,
    event {{text}} NOT NULL
);

-- When rules were last evaluated: what nobody saw does not count towards "for".
CREATE TABLE monitor_rule_seen (
    one INTEGER NOT NULL PRIMARY KEY,
    at  BIGINT  NOT NULL
);
