CREATE TABLE tasks_task (
    id           {{text}} NOT NULL PRIMARY KEY,
    queue        {{text}} NOT NULL,
    kind         {{text}} NOT NULL,
    dedup        {{text}} NOT NULL,
    state        {{text}} NOT NULL,
    again        BOOLEAN  NOT NULL DEFAULT FALSE,
    priority     INTEGER  NOT NULL,
    run_at       BIGINT   NOT NULL,
    attempt      INTEGER  NOT NULL DEFAULT 0,
    failures     INTEGER  NOT NULL DEFAULT 0,
    max_failures INTEGER  NOT NULL,
    owner        {{text}} NOT NULL DEFAULT '',
    lease_until  BIGINT   NOT NULL DEFAULT 0,
    created_at   BIGINT   NOT NULL,
    started_at   BIGINT   NOT NULL DEFAULT 0,
    error        {{text}} NOT NULL DEFAULT '',
    payload      {{text}} NOT NULL
-- +sqlite
) WITHOUT ROWID;
-- +postgresql
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
-- +both

CREATE UNIQUE INDEX tasks_task_dedup ON tasks_task (kind, dedup) WHERE dedup <> '' AND state <> 'dead';
CREATE INDEX tasks_task_waiting ON tasks_task (queue, priority DESC, run_at, id) WHERE state = 'waiting';
CREATE INDEX tasks_task_delayed ON tasks_task (queue, run_at) WHERE state = 'delayed';
CREATE INDEX tasks_task_running ON tasks_task (queue, lease_until) WHERE state = 'running';
CREATE INDEX tasks_task_dead ON tasks_task (created_at) WHERE state = 'dead';
