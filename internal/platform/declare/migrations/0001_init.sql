-- What documents were, the latest version the highest.
CREATE TABLE declare_version (
	kind {{text}} NOT NULL,
	name {{text}} NOT NULL,
	version BIGINT NOT NULL,
	at BIGINT NOT NULL,
	by_kind {{text}} NOT NULL,
	by_id {{text}} NOT NULL,
	by_name {{text}} NOT NULL,
	action {{text}} NOT NULL, -- created, changed, deleted, found
	why {{text}} NOT NULL,
	spec {{text}} NOT NULL,
	PRIMARY KEY (kind, name, version)
);
