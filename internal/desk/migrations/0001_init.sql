CREATE TABLE desk_sequence (
	name {{text}} PRIMARY KEY,
	value BIGINT NOT NULL
);

INSERT INTO desk_sequence (name, value) VALUES ('incident', 0);

CREATE TABLE desk_incident (
	id {{text}} PRIMARY KEY,
	number BIGINT NOT NULL UNIQUE,
	title {{text}} NOT NULL,
	description {{text}} NOT NULL,
	state {{text}} NOT NULL,
	severity BIGINT NOT NULL,
	impact {{text}} NOT NULL,
	urgency {{text}} NOT NULL,
	priority {{text}} NOT NULL,
	priority_fixed BOOLEAN NOT NULL,
	situation {{text}} UNIQUE,
	item {{text}} NOT NULL,
	services {{text}} NOT NULL,
	checks {{text}} NOT NULL,
	team {{text}} NOT NULL,
	assignee {{text}} NOT NULL,
	requester {{text}} NOT NULL,
	hold_reason {{text}} NOT NULL,
	resolution {{text}} NOT NULL,
	reopened BIGINT NOT NULL,
	opened_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	responded_at BIGINT NOT NULL,
	resolved_at BIGINT NOT NULL,
	closed_at BIGINT NOT NULL,
	entry {{text}} NOT NULL,
	version BIGINT NOT NULL
);

CREATE INDEX desk_incident_opened ON desk_incident (opened_at, id);
CREATE INDEX desk_incident_state ON desk_incident (state, resolved_at);
CREATE INDEX desk_incident_requester ON desk_incident (requester, opened_at);
CREATE INDEX desk_incident_assignee ON desk_incident (assignee, state);

CREATE TABLE desk_incident_item (
	incident {{text}} NOT NULL,
	item {{text}} NOT NULL,
	PRIMARY KEY (incident, item)
);

CREATE INDEX desk_incident_item_item ON desk_incident_item (item);

CREATE TABLE desk_clock (
	incident {{text}} NOT NULL,
	kind {{text}} NOT NULL,
	state {{text}} NOT NULL,
	level {{text}} NOT NULL,
	calendar {{text}} NOT NULL,
	target BIGINT NOT NULL,
	used BIGINT NOT NULL,
	since BIGINT NOT NULL,
	warn_at BIGINT NOT NULL,
	due_at BIGINT NOT NULL,
	warned_at BIGINT NOT NULL,
	breached_at BIGINT NOT NULL,
	next_at BIGINT NOT NULL,
	PRIMARY KEY (incident, kind)
);

CREATE INDEX desk_clock_next ON desk_clock (next_at);

CREATE TABLE desk_comment (
	id {{text}} PRIMARY KEY,
	incident {{text}} NOT NULL,
	at BIGINT NOT NULL,
	author_kind {{text}} NOT NULL,
	author {{text}} NOT NULL,
	author_name {{text}} NOT NULL,
	public BOOLEAN NOT NULL,
	body {{text}} NOT NULL
);

CREATE INDEX desk_comment_incident ON desk_comment (incident, id);

CREATE TABLE desk_attachment (
	id {{text}} PRIMARY KEY,
	incident {{text}} NOT NULL,
	at BIGINT NOT NULL,
	author_kind {{text}} NOT NULL,
	author {{text}} NOT NULL,
	author_name {{text}} NOT NULL,
	public BOOLEAN NOT NULL,
	name {{text}} NOT NULL,
	type {{text}} NOT NULL,
	size BIGINT NOT NULL,
	sha256 {{text}} NOT NULL
);

CREATE INDEX desk_attachment_incident ON desk_attachment (incident, id);

CREATE TABLE desk_timeline (
	id {{text}} PRIMARY KEY,
	incident {{text}} NOT NULL,
	at BIGINT NOT NULL,
	kind {{text}} NOT NULL,
	actor_kind {{text}} NOT NULL,
	actor {{text}} NOT NULL,
	actor_name {{text}} NOT NULL,
	public BOOLEAN NOT NULL,
	summary {{text}} NOT NULL,
	data {{text}} NOT NULL,
	subject_kind {{text}} NOT NULL,
	subject {{text}} NOT NULL,
	entry {{text}} NOT NULL
);

CREATE INDEX desk_timeline_incident ON desk_timeline (incident, at, id);

CREATE TABLE desk_run (
	incident {{text}} NOT NULL,
	run {{text}} NOT NULL,
	runbook {{text}} NOT NULL,
	status {{text}} NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (incident, run)
);

CREATE TABLE desk_document (
	kind {{text}} NOT NULL,
	name {{text}} NOT NULL,
	spec {{text}} NOT NULL,
	PRIMARY KEY (kind, name)
);

INSERT INTO desk_document (kind, name, spec) VALUES ('Calendar', 'always', '{"timeZone":"UTC","week":{"friday":["00:00-24:00"],"monday":["00:00-24:00"],"saturday":["00:00-24:00"],"sunday":["00:00-24:00"],"thursday":["00:00-24:00"],"tuesday":["00:00-24:00"],"wednesday":["00:00-24:00"]}}');
INSERT INTO desk_document (kind, name, spec) VALUES ('ServiceLevel', 'standard', '{"order":1000,"calendar":"always","pauseOnHold":true,"warnAt":75,"targets":{"P1":{"response":"15m","resolution":"4h"},"P2":{"response":"30m","resolution":"8h"},"P3":{"response":"4h","resolution":"24h"},"P4":{"response":"8h","resolution":"72h"},"P5":{"response":"24h","resolution":"168h"}}}');
