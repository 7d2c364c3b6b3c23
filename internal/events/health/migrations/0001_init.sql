-- Documents of the kind ServiceHealth.
CREATE TABLE servicehealth_rule (
	name {{text}} PRIMARY KEY,
	team {{text}} NOT NULL,
	spec {{text}} NOT NULL,
	updated_at BIGINT NOT NULL
);

-- How services (items) and sites (site:NAME) stood. to_at is 0 while it lasts.
CREATE TABLE servicehealth_interval (
	subject {{text}} NOT NULL,
	from_at BIGINT NOT NULL,
	to_at BIGINT NOT NULL,
	state {{text}} NOT NULL,
	causes {{text}} NOT NULL,
	PRIMARY KEY (subject, from_at)
);
CREATE UNIQUE INDEX servicehealth_interval_open ON servicehealth_interval (subject) WHERE to_at = 0;
CREATE INDEX servicehealth_interval_to ON servicehealth_interval (to_at) WHERE to_at > 0;

-- When states were last written: what lies between that and a start is unknown.
CREATE TABLE servicehealth_mark (
	id BIGINT PRIMARY KEY,
	at BIGINT NOT NULL
);
