-- The document that declares a silence; '' for one that a person made.
ALTER TABLE events_silence ADD COLUMN name {{text}} NOT NULL DEFAULT '';
CREATE UNIQUE INDEX events_silence_name ON events_silence (name) WHERE name <> '';

-- What documents set, by the kind of document.
CREATE TABLE events_setting (
	kind {{text}} PRIMARY KEY,
	spec {{text}} NOT NULL
);
