-- The log sources that the agent follows, as its last beat told.
ALTER TABLE agents_agent ADD COLUMN logs {{text}} NOT NULL DEFAULT '{}';
