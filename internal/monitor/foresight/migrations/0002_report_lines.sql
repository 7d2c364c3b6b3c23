-- What a report says line by line, as JSON, from which files are made; empty for
-- reports of before.
ALTER TABLE foresight_report ADD COLUMN lines {{text}} NOT NULL DEFAULT '';
