-- Observations lie in the order in which they were first made, so that those of
-- one report are neighbours and a report touches few pages. They are found by
-- their source, scope and key, of which neighbours of one report share a part.
CREATE TABLE graph_observation_new (
    source      {{text}} NOT NULL,
    scope       {{text}} NOT NULL,
    key         {{text}} NOT NULL,
    item        {{text}} NOT NULL,
    class       {{text}} NOT NULL,
    name        {{text}} NOT NULL,
    team        {{text}} NOT NULL,
    identities  {{text}} NOT NULL,
    attributes  {{text}} NOT NULL,
    redundancy  {{text}} NOT NULL,
    hash        {{text}} NOT NULL,
    observed_at BIGINT   NOT NULL,
    seen_at     BIGINT   NOT NULL,
    stale       BOOLEAN  NOT NULL,
    PRIMARY KEY (source, scope, key)
);
INSERT INTO graph_observation_new (source, scope, key, item, class, name, team, identities, attributes, redundancy, hash, observed_at, seen_at, stale)
    SELECT source, scope, key, item, class, name, team, identities, attributes, redundancy, hash, observed_at, seen_at, stale
    FROM graph_observation ORDER BY item;
DROP TABLE graph_observation;
ALTER TABLE graph_observation_new RENAME TO graph_observation;
CREATE INDEX graph_observation_item ON graph_observation (item);
CREATE INDEX graph_observation_fresh ON graph_observation (class, seen_at) WHERE NOT stale;
