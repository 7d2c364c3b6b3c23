CREATE TABLE agents_agent (
	id {{text}} PRIMARY KEY,
	name {{text}} NOT NULL,
	nkey {{text}} NOT NULL,
	team {{text}} NOT NULL,
	hostname {{text}} NOT NULL,
	os {{text}} NOT NULL,
	arch {{text}} NOT NULL,
	version {{text}} NOT NULL,
	capabilities {{text}} NOT NULL,
	policy {{text}} NOT NULL,
	item {{text}} NOT NULL,
	instance {{text}} NOT NULL,
	resident BOOLEAN NOT NULL,
	connected BOOLEAN NOT NULL,
	enrolled_at BIGINT NOT NULL,
	changed_at BIGINT NOT NULL,
	seen_at BIGINT NOT NULL,
	queued BIGINT NOT NULL,
	dropped BIGINT NOT NULL,
	lag BIGINT NOT NULL
);

CREATE UNIQUE INDEX agents_agent_nkey ON agents_agent (nkey);
CREATE UNIQUE INDEX agents_agent_name ON agents_agent (name);
CREATE INDEX agents_agent_seen ON agents_agent (connected, seen_at);
CREATE INDEX agents_agent_item ON agents_agent (item);

CREATE TABLE agents_enrolment (
	id {{text}} PRIMARY KEY,
	hash {{text}} NOT NULL,
	name {{text}} NOT NULL,
	team {{text}} NOT NULL,
	created_by {{text}} NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	used_at BIGINT NOT NULL,
	revoked_at BIGINT NOT NULL,
	agent {{text}} NOT NULL
);

CREATE UNIQUE INDEX agents_enrolment_hash ON agents_enrolment (hash);
CREATE INDEX agents_enrolment_created ON agents_enrolment (created_at);
