-- What people decide about an alert: who has it, what holds it back, where it leads.
ALTER TABLE events_alert ADD COLUMN assigned_team {{text}} NOT NULL DEFAULT '';
ALTER TABLE events_alert ADD COLUMN hold {{text}} NOT NULL DEFAULT '';
ALTER TABLE events_alert ADD COLUMN hold_until BIGINT NOT NULL DEFAULT 0;
CREATE INDEX events_alert_hold ON events_alert (hold_until) WHERE hold_until > 0;

CREATE TABLE events_link (
	id {{text}} PRIMARY KEY,
	alert {{text}} NOT NULL,
	at BIGINT NOT NULL,
	by_id {{text}} NOT NULL,
	by_name {{text}} NOT NULL,
	kind {{text}} NOT NULL, -- url, or the kind of a record
	target {{text}} NOT NULL,
	title {{text}} NOT NULL,
	UNIQUE (alert, kind, target)
);

-- What was asked of all alerts that match a filter, and how far it is.
CREATE TABLE events_bulk (
	id {{text}} PRIMARY KEY,
	action {{text}} NOT NULL,
	by_id {{text}} NOT NULL,
	by_name {{text}} NOT NULL,
	state {{text}} NOT NULL,
	total BIGINT NOT NULL,
	done BIGINT NOT NULL,
	refused BIGINT NOT NULL,
	reason {{text}} NOT NULL, -- of the first that was refused
	started_at BIGINT NOT NULL,
	seen_at BIGINT NOT NULL -- when its process last wrote
);
CREATE INDEX events_bulk_started ON events_bulk (started_at);

ALTER TABLE events_situation ADD COLUMN impact {{text}} NOT NULL DEFAULT '';
ALTER TABLE events_situation ADD COLUMN priority BIGINT NOT NULL DEFAULT 0;
ALTER TABLE events_situation ADD COLUMN priority_set BIGINT NOT NULL DEFAULT 0;
ALTER TABLE events_situation ADD COLUMN priority_by {{text}} NOT NULL DEFAULT '';
ALTER TABLE events_situation ADD COLUMN priority_note {{text}} NOT NULL DEFAULT '';

-- The first pages of what is active: the newest, and the worst.
CREATE INDEX events_alert_newest ON events_alert (opened_at, id) WHERE active;
CREATE INDEX events_alert_worst ON events_alert (severity, id) WHERE active;
