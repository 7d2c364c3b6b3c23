CREATE TABLE httpapi_outcome (
    id         {{text}}  NOT NULL PRIMARY KEY,
    body       {{bytes}} NOT NULL,
    owner      {{text}}  NOT NULL,
    state      {{text}}  NOT NULL,
    started_at BIGINT    NOT NULL,
    answer     {{bytes}}
);

CREATE INDEX httpapi_outcome_started ON httpapi_outcome (started_at);
