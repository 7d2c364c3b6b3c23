-- Declared documents of the kind Dataset. One that was deleted stays, as gone:
-- its records are there still.
CREATE TABLE logs_dataset (
    name       {{text}} NOT NULL PRIMARY KEY,
    spec       {{text}} NOT NULL,
    gone       BIGINT   NOT NULL,
    updated_at BIGINT   NOT NULL
);

-- What was asked to be deleted, by whom and why, and what became of it.
CREATE TABLE logs_deletion (
    id          {{text}} NOT NULL PRIMARY KEY,
    asked_at    BIGINT   NOT NULL,
    actor_kind  {{text}} NOT NULL,
    actor_id    {{text}} NOT NULL,
    actor_name  {{text}} NOT NULL,
    reason      {{text}} NOT NULL,
    filter      {{text}} NOT NULL,
    datasets    {{text}} NOT NULL,
    from_at     BIGINT   NOT NULL,
    to_at       BIGINT   NOT NULL,
    state       {{text}} NOT NULL,
    found       BIGINT   NOT NULL,
    remained    BIGINT   NOT NULL,
    fault       {{text}} NOT NULL,
    finished_at BIGINT   NOT NULL
);
CREATE INDEX logs_deletion_state ON logs_deletion (state);
CREATE INDEX logs_deletion_asked ON logs_deletion (asked_at);
