-- What measurements say of a situation's items, and when they are looked at next.
ALTER TABLE events_situation ADD COLUMN verdict {{text}} NOT NULL DEFAULT '';
ALTER TABLE events_situation ADD COLUMN measure_at BIGINT NOT NULL DEFAULT 0;
-- A person opened it again: it stays open although nothing fails.
ALTER TABLE events_situation ADD COLUMN kept BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX events_situation_measure ON events_situation (measure_at) WHERE state = 'open';

-- What people named as the root cause, by the keys of the alerts it was behind.
CREATE TABLE events_confirmation (
	situation {{text}} NOT NULL,
	alert_key {{text}} NOT NULL,
	item {{text}} NOT NULL,
	at BIGINT NOT NULL,
	by_name {{text}} NOT NULL,
	PRIMARY KEY (situation, alert_key)
);
CREATE INDEX events_confirmation_key ON events_confirmation (alert_key, at);
