CREATE TABLE oncall_document (
    kind       {{text}} NOT NULL, -- Rota, EscalationPolicy or Channel
    name       {{text}} NOT NULL,
    team       {{text}} NOT NULL,
    spec       {{text}} NOT NULL,
    version    BIGINT   NOT NULL,
    created_at BIGINT   NOT NULL,
    updated_at BIGINT   NOT NULL,
    PRIMARY KEY (kind, name)
);

CREATE TABLE oncall_override (
    name       {{text}} NOT NULL PRIMARY KEY,
    rota       {{text}} NOT NULL,
    person     {{text}} NOT NULL, -- user name
    starts_at  BIGINT   NOT NULL,
    ends_at    BIGINT   NOT NULL,
    reason     {{text}} NOT NULL,
    created_by {{text}} NOT NULL,
    created_at BIGINT   NOT NULL
);
CREATE INDEX oncall_override_rota ON oncall_override (rota, ends_at);

-- How one person wants to be told.
CREATE TABLE oncall_person (
    person     {{text}} NOT NULL PRIMARY KEY, -- user id
    spec       {{text}} NOT NULL,
    updated_at BIGINT   NOT NULL
);

CREATE TABLE oncall_feed (
    secret     {{text}} NOT NULL PRIMARY KEY, -- hash
    kind       {{text}} NOT NULL,             -- person or rota
    subject    {{text}} NOT NULL,
    created_by {{text}} NOT NULL,
    created_at BIGINT   NOT NULL
);
CREATE INDEX oncall_feed_subject ON oncall_feed (kind, subject);

CREATE TABLE oncall_browser (
    endpoint   {{text}} NOT NULL PRIMARY KEY,
    person     {{text}} NOT NULL,
    p256dh     {{text}} NOT NULL,
    auth       {{text}} NOT NULL,
    agent      {{text}} NOT NULL,
    created_at BIGINT   NOT NULL
);
CREATE INDEX oncall_browser_person ON oncall_browser (person);

-- One page is one escalation of one situation.
CREATE TABLE oncall_page (
    id            {{text}} NOT NULL PRIMARY KEY,
    situation     {{text}} NOT NULL,
    policy        {{text}} NOT NULL,
    team          {{text}} NOT NULL,
    title         {{text}} NOT NULL,
    severity      BIGINT   NOT NULL,
    urgency       {{text}} NOT NULL,
    services      {{text}} NOT NULL, -- JSON list of names
    state         {{text}} NOT NULL, -- open, acknowledged, snoozed or resolved
    generation    BIGINT   NOT NULL, -- timers of an earlier one do nothing
    round         BIGINT   NOT NULL,
    step          BIGINT   NOT NULL,
    exhausted     BIGINT   NOT NULL,
    assigned      {{text}} NOT NULL, -- user name, when a person took over from the policy
    opened_at     BIGINT   NOT NULL,
    acked_at      BIGINT   NOT NULL, -- the first time
    acked_by      {{text}} NOT NULL,
    resolved_at   BIGINT   NOT NULL,
    snoozed_until BIGINT   NOT NULL,
    changed_at    BIGINT   NOT NULL,
    night         BIGINT   NOT NULL  -- it began in the night of the one who was told first
);
CREATE UNIQUE INDEX oncall_page_one ON oncall_page (situation) WHERE state <> 'resolved';
CREATE INDEX oncall_page_situation ON oncall_page (situation, opened_at);
CREATE INDEX oncall_page_opened ON oncall_page (opened_at);

CREATE TABLE oncall_delivery (
    id         {{text}} NOT NULL PRIMARY KEY,
    page       {{text}} NOT NULL, -- "" for tests and hand-overs
    situation  {{text}} NOT NULL,
    person     {{text}} NOT NULL, -- user id; "" for a team's channel
    name       {{text}} NOT NULL, -- who is told, to be shown
    channel    {{text}} NOT NULL,
    address    {{text}} NOT NULL,
    purpose    {{text}} NOT NULL,
    why        {{text}} NOT NULL,
    title      {{text}} NOT NULL,
    body       {{text}} NOT NULL,
    state      {{text}} NOT NULL, -- waiting, sent, failed or dropped
    tries      BIGINT   NOT NULL,
    answer     {{text}} NOT NULL, -- of the last try
    night      BIGINT   NOT NULL, -- it reached the person in their night
    created_at BIGINT   NOT NULL,
    done_at    BIGINT   NOT NULL
);
CREATE INDEX oncall_delivery_page ON oncall_delivery (page, id);
CREATE INDEX oncall_delivery_situation ON oncall_delivery (situation, id);
CREATE INDEX oncall_delivery_person ON oncall_delivery (person, created_at);
CREATE INDEX oncall_delivery_created ON oncall_delivery (created_at);

CREATE TABLE oncall_try (
    delivery {{text}} NOT NULL,
    number   BIGINT   NOT NULL,
    channel  {{text}} NOT NULL,
    at       BIGINT   NOT NULL,
    ok       BIGINT   NOT NULL,
    status   BIGINT   NOT NULL,
    answer   {{text}} NOT NULL,
    PRIMARY KEY (delivery, number)
);
CREATE INDEX oncall_try_channel ON oncall_try (channel, at);

-- What is gathered for a person before it is told at once.
CREATE TABLE oncall_waiting (
    person  {{text}} NOT NULL,
    channel {{text}} NOT NULL,
    page    {{text}} NOT NULL,
    due_at  BIGINT   NOT NULL,
    why     {{text}} NOT NULL,
    PRIMARY KEY (person, channel, page)
);

-- Links that were used: each acts once.
CREATE TABLE oncall_used (
    link {{text}} NOT NULL PRIMARY KEY,
    at   BIGINT   NOT NULL
);

-- Up to when hand-overs of a rota were told, and whether a gap is alerted.
CREATE TABLE oncall_watch (
    rota      {{text}} NOT NULL PRIMARY KEY,
    seen_at   BIGINT   NOT NULL,
    gap       BIGINT   NOT NULL
);
