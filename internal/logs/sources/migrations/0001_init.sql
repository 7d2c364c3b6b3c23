-- What agents follow, as it was declared.
CREATE TABLE logs_source (
	id {{text}} PRIMARY KEY,
	name {{text}} NOT NULL UNIQUE,
	spec {{text}} NOT NULL,
	updated_at BIGINT NOT NULL
);
