CREATE TABLE statuspage_page (
    name       {{text}} NOT NULL PRIMARY KEY,
    slug       {{text}} NOT NULL UNIQUE,
    team       {{text}} NOT NULL,
    spec       {{text}} NOT NULL,
    version    BIGINT   NOT NULL,
    updated_at BIGINT   NOT NULL
);

-- What people posted: incidents, and maintenance that is planned.
CREATE TABLE statuspage_incident (
    id          {{text}} NOT NULL PRIMARY KEY,
    page        {{text}} NOT NULL,
    kind        {{text}} NOT NULL,
    title       {{text}} NOT NULL,
    status      {{text}} NOT NULL,
    components  {{text}} NOT NULL,
    starts_at   BIGINT   NOT NULL,
    ends_at     BIGINT   NOT NULL,
    created_at  BIGINT   NOT NULL,
    resolved_at BIGINT   NOT NULL
);
CREATE INDEX statuspage_incident_page ON statuspage_incident (page, created_at);

CREATE TABLE statuspage_update (
    id       {{text}} NOT NULL PRIMARY KEY,
    incident {{text}} NOT NULL,
    at       BIGINT   NOT NULL,
    status   {{text}} NOT NULL,
    body     {{text}} NOT NULL,
    author   {{text}} NOT NULL
);
CREATE INDEX statuspage_update_incident ON statuspage_update (incident, at);

-- Who gets mail; confirmed_at is 0 until the address was confirmed.
CREATE TABLE statuspage_subscriber (
    page         {{text}} NOT NULL,
    email        {{text}} NOT NULL,
    token        {{text}} NOT NULL UNIQUE,
    asked_at     BIGINT   NOT NULL,
    confirmed_at BIGINT   NOT NULL,
    PRIMARY KEY (page, email)
);
