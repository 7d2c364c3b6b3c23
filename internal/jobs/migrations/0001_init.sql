CREATE TABLE jobs_runbook (
    name       {{text}} NOT NULL PRIMARY KEY,
    title      {{text}} NOT NULL,
    team       {{text}} NOT NULL,
    spec       {{text}} NOT NULL,
    created_at BIGINT   NOT NULL,
    updated_at BIGINT   NOT NULL
);

CREATE TABLE jobs_run (
    id           {{text}} NOT NULL PRIMARY KEY,
    runbook      {{text}} NOT NULL,
    title        {{text}} NOT NULL,
    state        {{text}} NOT NULL,
    error        {{text}} NOT NULL,
    origin       {{text}} NOT NULL,
    actor_kind   {{text}} NOT NULL,
    actor_id     {{text}} NOT NULL,
    actor_name   {{text}} NOT NULL,
    why          {{text}} NOT NULL,
    cause        {{text}} NOT NULL,
    decision     {{text}} NOT NULL,
    rerun_of     {{text}} NOT NULL,
    team         {{text}} NOT NULL,
    parameters   {{text}} NOT NULL,
    item         {{text}} NOT NULL,
    situation    {{text}} NOT NULL,
    alert        {{text}} NOT NULL,
    incident     {{text}} NOT NULL,
    checks       {{text}} NOT NULL,
    definition   {{text}} NOT NULL,
    created_at   BIGINT   NOT NULL,
    started_at   BIGINT   NOT NULL,
    finished_at  BIGINT   NOT NULL,
    entry        {{text}} NOT NULL,
    version      BIGINT   NOT NULL DEFAULT 0,
    output_seq   BIGINT   NOT NULL DEFAULT 0,
    output_bytes BIGINT   NOT NULL DEFAULT 0
);
CREATE INDEX jobs_run_created ON jobs_run (created_at);
CREATE INDEX jobs_run_runbook ON jobs_run (runbook, state, id);
CREATE INDEX jobs_run_situation ON jobs_run (situation) WHERE situation <> '';
CREATE INDEX jobs_run_incident ON jobs_run (incident) WHERE incident <> '';
CREATE INDEX jobs_run_item ON jobs_run (item) WHERE item <> '';
CREATE INDEX jobs_run_finished ON jobs_run (finished_at) WHERE finished_at <> 0;

CREATE TABLE jobs_step (
    run         {{text}} NOT NULL REFERENCES jobs_run (id) ON DELETE CASCADE,
    position    INTEGER  NOT NULL,
    id          {{text}} NOT NULL,
    name        {{text}} NOT NULL,
    kind        {{text}} NOT NULL,
    state       {{text}} NOT NULL,
    attempt     INTEGER  NOT NULL,
    dispatched  BOOLEAN  NOT NULL,
    agent       {{text}} NOT NULL,
    exit_code   BIGINT   NULL,
    message     {{text}} NOT NULL,
    decided_by  {{text}} NOT NULL,
    outcome     {{text}} NOT NULL,
    started_at  BIGINT   NOT NULL,
    finished_at BIGINT   NOT NULL,
    retry_at    BIGINT   NOT NULL,
    PRIMARY KEY (run, position)
);
CREATE INDEX jobs_step_waiting ON jobs_step (run) WHERE state = 'waiting';

CREATE TABLE jobs_attempt (
    run         {{text}} NOT NULL REFERENCES jobs_run (id) ON DELETE CASCADE,
    step        {{text}} NOT NULL,
    attempt     INTEGER  NOT NULL,
    state       {{text}} NOT NULL,
    agent       {{text}} NOT NULL,
    exit_code   BIGINT   NULL,
    message     {{text}} NOT NULL,
    started_at  BIGINT   NOT NULL,
    finished_at BIGINT   NOT NULL,
    PRIMARY KEY (run, step, attempt)
);

CREATE TABLE jobs_output (
    run      {{text}} NOT NULL REFERENCES jobs_run (id) ON DELETE CASCADE,
    seq      BIGINT   NOT NULL,
    step     {{text}} NOT NULL,
    attempt  INTEGER  NOT NULL,
    stream   {{text}} NOT NULL,
    position BIGINT   NOT NULL,
    at       BIGINT   NOT NULL,
    data     {{text}} NOT NULL,
    PRIMARY KEY (run, seq)
);

CREATE TABLE jobs_remediation (
    name       {{text}} NOT NULL PRIMARY KEY,
    enabled    BOOLEAN  NOT NULL,
    team       {{text}} NOT NULL,
    runbook    {{text}} NOT NULL,
    spec       {{text}} NOT NULL,
    created_at BIGINT   NOT NULL,
    updated_at BIGINT   NOT NULL
);

CREATE TABLE jobs_decision (
    id           {{text}} NOT NULL PRIMARY KEY,
    remediation  {{text}} NOT NULL,
    team         {{text}} NOT NULL,
    subject_kind {{text}} NOT NULL,
    subject_id   {{text}} NOT NULL,
    item         {{text}} NOT NULL,
    state        {{text}} NOT NULL,
    active       BOOLEAN  NOT NULL,
    guard        {{text}} NOT NULL,
    why          {{text}} NOT NULL,
    runbook      {{text}} NOT NULL,
    run          {{text}} NOT NULL,
    parameters   {{text}} NOT NULL,
    subject      {{text}} NOT NULL,
    evidence     {{text}} NOT NULL,
    decided_by   {{text}} NOT NULL,
    cause        {{text}} NOT NULL,
    entry        {{text}} NOT NULL,
    seen         INTEGER  NOT NULL,
    created_at   BIGINT   NOT NULL,
    updated_at   BIGINT   NOT NULL
);
CREATE UNIQUE INDEX jobs_decision_active ON jobs_decision (remediation, subject_id, item) WHERE active;
CREATE INDEX jobs_decision_remediation ON jobs_decision (remediation, created_at);
CREATE INDEX jobs_decision_created ON jobs_decision (created_at) WHERE NOT active;
CREATE INDEX jobs_decision_subject ON jobs_decision (subject_id);
CREATE INDEX jobs_decision_item ON jobs_decision (remediation, item, created_at);

CREATE TABLE jobs_subject (
    kind       {{text}} NOT NULL,
    id         {{text}} NOT NULL,
    entry      {{text}} NOT NULL,
    item       {{text}} NOT NULL,
    data       {{text}} NOT NULL,
    updated_at BIGINT   NOT NULL,
    PRIMARY KEY (kind, id)
);

CREATE TABLE jobs_setting (
    name       {{text}} NOT NULL PRIMARY KEY,
    value      {{text}} NOT NULL,
    updated_by {{text}} NOT NULL,
    updated_at BIGINT   NOT NULL
);
