CREATE TABLE dashboard (
    id         {{text}} NOT NULL PRIMARY KEY,
    name       {{text}} NOT NULL UNIQUE,
    title      {{text}} NOT NULL,
    team       {{text}} NOT NULL,
    tags       {{text}} NOT NULL, -- |one|two|
    spec       {{text}} NOT NULL,
    version    BIGINT   NOT NULL,
    created_at BIGINT   NOT NULL,
    updated_at BIGINT   NOT NULL
);

CREATE TABLE dashboard_favourite (
    person    {{text}} NOT NULL,
    dashboard {{text}} NOT NULL,
    PRIMARY KEY (person, dashboard)
);
