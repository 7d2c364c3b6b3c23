CREATE TABLE secrets_secret (
	name {{text}} PRIMARY KEY,
	description {{text}} NOT NULL,
	team {{text}} NOT NULL,
	internal BOOLEAN NOT NULL,
	current BIGINT NOT NULL,
	created BIGINT NOT NULL,
	changed BIGINT NOT NULL,
	uses BIGINT NOT NULL,
	used BIGINT NOT NULL,
	used_by {{text}} NOT NULL
);

CREATE TABLE secrets_version (
	name {{text}} NOT NULL REFERENCES secrets_secret (name) ON DELETE CASCADE,
	version BIGINT NOT NULL,
	key_id {{text}} NOT NULL,
	sealed {{bytes}} NOT NULL,
	created BIGINT NOT NULL,
	created_by {{text}} NOT NULL,
	PRIMARY KEY (name, version)
);

CREATE TABLE secrets_key (
	id BIGINT PRIMARY KEY,
	active {{text}} NOT NULL
);

INSERT INTO secrets_key (id, active) VALUES (1, '');

CREATE INDEX secrets_version_key ON secrets_version (key_id);
