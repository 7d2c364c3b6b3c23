-- The past lies in the order in which it ended, so that changes only append to
-- it. What an item was before is found from its successor, which began when it
-- ended; each sixteenth version can be found by item, to begin from.
CREATE TABLE graph_past_new (
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
    PRIMARY KEY (valid_to, id, valid_from)
);
INSERT INTO graph_past_new (id, valid_from, valid_to, class, name, state, team, site, criticality, attributes, redundancy, survivor, changed_by, revision, created_at)
    SELECT id, valid_from, valid_to, class, name, state, team, site, criticality, attributes, redundancy, survivor, changed_by, revision, created_at
    FROM graph_past ORDER BY valid_to, id, valid_from;
DROP TABLE graph_past;
ALTER TABLE graph_past_new RENAME TO graph_past;
CREATE INDEX graph_past_id ON graph_past (id, valid_from) WHERE revision % 16 = 0;
