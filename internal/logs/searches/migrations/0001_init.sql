-- Searches that people keep: space is where the name counts, that of a person or the shared one.
CREATE TABLE logs_search (
    id         {{text}} NOT NULL PRIMARY KEY,
    space      {{text}} NOT NULL,
    name       {{text}} NOT NULL,
    owner      {{text}} NOT NULL,
    spec       {{text}} NOT NULL,
    version    BIGINT   NOT NULL,
    updated_at BIGINT   NOT NULL
);
CREATE UNIQUE INDEX logs_search_name ON logs_search (space, name);
