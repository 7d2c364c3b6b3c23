-- Times are microseconds since 1970, 0 for never; severities are numbers, 0 clear to 5 critical.

CREATE TABLE events_event (
	id {{text}} PRIMARY KEY,
	at BIGINT NOT NULL,
	source {{text}} NOT NULL,
	kind {{text}} NOT NULL,
	severity BIGINT NOT NULL,
	event_key {{text}} NOT NULL,
	title {{text}} NOT NULL,
	description {{text}} NOT NULL,
	item {{text}} NOT NULL,
	alert {{text}} NOT NULL,
	effect {{text}} NOT NULL,
	labels {{text}} NOT NULL
);
CREATE INDEX events_event_alert ON events_event (alert, id);

-- The duplicates of one transaction: "alert n seen expires;" for each alert.
CREATE TABLE events_repeat (
	id {{text}} PRIMARY KEY,
	at BIGINT NOT NULL,
	events BIGINT NOT NULL,
	data {{text}} NOT NULL,
	applied BOOLEAN NOT NULL -- added to the alerts' counters
);
CREATE INDEX events_repeat_waiting ON events_repeat (id) WHERE NOT applied;

CREATE TABLE events_alert (
	id {{text}} PRIMARY KEY,
	alert_key {{text}} NOT NULL,
	latest BOOLEAN NOT NULL, -- the one that events of its key act on
	source {{text}} NOT NULL,
	title {{text}} NOT NULL,
	description {{text}} NOT NULL,
	item {{text}} NOT NULL,
	identities {{text}} NOT NULL,
	check_id {{text}} NOT NULL,
	team {{text}} NOT NULL,
	cause {{text}} NOT NULL,
	labels {{text}} NOT NULL,
	annotations {{text}} NOT NULL,
	url {{text}} NOT NULL,
	active BOOLEAN NOT NULL,
	observed BOOLEAN NOT NULL,
	state {{text}} NOT NULL,
	severity BIGINT NOT NULL,
	worst BIGINT NOT NULL,
	opened_at BIGINT NOT NULL,
	onset BIGINT NOT NULL,
	last_seen BIGINT NOT NULL,
	cleared_at BIGINT NOT NULL,
	changed_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	due_at BIGINT NOT NULL,
	occurrences BIGINT NOT NULL,
	episodes BIGINT NOT NULL,
	flips {{text}} NOT NULL,
	flapping BOOLEAN NOT NULL,
	acked_by {{text}} NOT NULL,
	ack_note {{text}} NOT NULL,
	acked_at BIGINT NOT NULL,
	acked_severity BIGINT NOT NULL,
	assignee {{text}} NOT NULL,
	suppressed_by {{text}} NOT NULL,
	suppressed_id {{text}} NOT NULL,
	suppressed_why {{text}} NOT NULL,
	situation {{text}} NOT NULL DEFAULT '',
	pinned BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE UNIQUE INDEX events_alert_key ON events_alert (alert_key) WHERE latest;
CREATE INDEX events_alert_opened ON events_alert (opened_at, id);
-- +postgresql
CREATE INDEX events_alert_changed ON events_alert (changed_at); -- how processes see each other's changes
-- +both
CREATE INDEX events_alert_active ON events_alert (severity, opened_at, id) WHERE active;
CREATE INDEX events_alert_item ON events_alert (item, opened_at) WHERE item <> '';
CREATE INDEX events_alert_situation ON events_alert (situation) WHERE situation <> '';
CREATE INDEX events_alert_due ON events_alert (due_at) WHERE due_at > 0;

CREATE TABLE events_comment (
	id {{text}} PRIMARY KEY,
	subject_kind {{text}} NOT NULL,
	subject_id {{text}} NOT NULL,
	at BIGINT NOT NULL,
	by_id {{text}} NOT NULL,
	by_name {{text}} NOT NULL,
	body {{text}} NOT NULL
);
CREATE INDEX events_comment_subject ON events_comment (subject_kind, subject_id, id);

CREATE TABLE events_situation (
	id {{text}} PRIMARY KEY,
	state {{text}} NOT NULL,
	merged_into {{text}} NOT NULL,
	title {{text}} NOT NULL,
	severity BIGINT NOT NULL,
	team {{text}} NOT NULL,
	opened_at BIGINT NOT NULL,
	closed_at BIGINT NOT NULL,
	quiet_since BIGINT NOT NULL,
	changed_at BIGINT NOT NULL,
	due_at BIGINT NOT NULL,
	root_item {{text}} NOT NULL,
	root_alert {{text}} NOT NULL,
	root_name {{text}} NOT NULL,
	confidence DOUBLE PRECISION NOT NULL,
	confirmed {{text}} NOT NULL,
	confirmed_by {{text}} NOT NULL,
	candidates {{text}} NOT NULL,
	services {{text}} NOT NULL,
	alerts BIGINT NOT NULL,
	active_alerts BIGINT NOT NULL,
	items BIGINT NOT NULL,
	acked_by {{text}} NOT NULL DEFAULT '',
	acked_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX events_situation_opened ON events_situation (opened_at, id);
CREATE INDEX events_situation_state ON events_situation (state, closed_at);
CREATE INDEX events_situation_due ON events_situation (due_at) WHERE due_at > 0;

CREATE TABLE events_member (
	situation {{text}} NOT NULL,
	alert {{text}} NOT NULL,
	joined_at BIGINT NOT NULL,
	left_at BIGINT NOT NULL,
	why {{text}} NOT NULL,
	PRIMARY KEY (situation, alert)
);
CREATE INDEX events_member_alert ON events_member (alert);

CREATE TABLE events_note (
	id {{text}} PRIMARY KEY,
	situation {{text}} NOT NULL,
	at BIGINT NOT NULL,
	kind {{text}} NOT NULL,
	from_ref {{text}} NOT NULL,
	to_ref {{text}} NOT NULL,
	why {{text}} NOT NULL
);
CREATE INDEX events_note_situation ON events_note (situation, id);

CREATE TABLE events_silence (
	id {{text}} PRIMARY KEY,
	matchers {{text}} NOT NULL,
	starts_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	created_by {{text}} NOT NULL,
	comment {{text}} NOT NULL
);
CREATE INDEX events_silence_ends ON events_silence (ends_at);

-- Whoever changes situations locks this row and gives it a new version: a process
-- whose memory is of another version reads the situations again.
CREATE TABLE events_correlator (
	id BIGINT PRIMARY KEY,
	version {{text}} NOT NULL
);
INSERT INTO events_correlator (id, version) VALUES (1, '');
