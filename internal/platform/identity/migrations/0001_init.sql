CREATE TABLE auth_user (
	id {{text}} PRIMARY KEY,
	kind {{text}} NOT NULL,
	username {{text}} NOT NULL UNIQUE,
	name {{text}} NOT NULL,
	email {{text}} NOT NULL,
	active BOOLEAN NOT NULL,
	password {{text}} NOT NULL,
	password_changed BIGINT NOT NULL,
	totp BOOLEAN NOT NULL,
	totp_step BIGINT NOT NULL,
	issuer {{text}} NOT NULL,
	subject {{text}} NOT NULL,
	created BIGINT NOT NULL,
	changed BIGINT NOT NULL,
	signed_in BIGINT NOT NULL,
	revision BIGINT NOT NULL
);

CREATE INDEX auth_user_subject ON auth_user (issuer, subject);

CREATE TABLE auth_recovery (
	user_id {{text}} NOT NULL REFERENCES auth_user (id) ON DELETE CASCADE,
	hash {{text}} NOT NULL,
	PRIMARY KEY (user_id, hash)
);

CREATE TABLE auth_team (
	id {{text}} PRIMARY KEY,
	name {{text}} NOT NULL UNIQUE,
	description {{text}} NOT NULL,
	created BIGINT NOT NULL,
	changed BIGINT NOT NULL
);

CREATE TABLE auth_role (
	name {{text}} PRIMARY KEY,
	description {{text}} NOT NULL,
	permissions {{text}} NOT NULL,
	created BIGINT NOT NULL,
	changed BIGINT NOT NULL
);

CREATE TABLE auth_grant (
	user_id {{text}} NOT NULL REFERENCES auth_user (id) ON DELETE CASCADE,
	role {{text}} NOT NULL,
	team {{text}} NOT NULL,
	source {{text}} NOT NULL,
	PRIMARY KEY (user_id, role, team, source)
);

CREATE INDEX auth_grant_team ON auth_grant (team);
CREATE INDEX auth_grant_role ON auth_grant (role);

CREATE TABLE auth_session (
	id {{text}} PRIMARY KEY,
	user_id {{text}} NOT NULL REFERENCES auth_user (id) ON DELETE CASCADE,
	hash {{text}} NOT NULL UNIQUE,
	previous {{text}} NOT NULL,
	created BIGINT NOT NULL,
	rotated BIGINT NOT NULL,
	seen BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	address {{text}} NOT NULL,
	agent {{text}} NOT NULL,
	method {{text}} NOT NULL
);

CREATE INDEX auth_session_user ON auth_session (user_id);
CREATE INDEX auth_session_previous ON auth_session (previous);
CREATE INDEX auth_session_expires ON auth_session (expires);

CREATE TABLE auth_token (
	id {{text}} PRIMARY KEY,
	user_id {{text}} NOT NULL REFERENCES auth_user (id) ON DELETE CASCADE,
	name {{text}} NOT NULL,
	hash {{text}} NOT NULL UNIQUE,
	hint {{text}} NOT NULL,
	scopes {{text}} NOT NULL,
	created BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	used BIGINT NOT NULL,
	address {{text}} NOT NULL
);

CREATE INDEX auth_token_user ON auth_token (user_id);

CREATE TABLE auth_setup (
	id BIGINT PRIMARY KEY,
	hash {{text}} NOT NULL,
	expires BIGINT NOT NULL
);
