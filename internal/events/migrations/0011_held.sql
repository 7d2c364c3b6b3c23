-- It opened in a storm and is gathered before anybody is told.
ALTER TABLE events_situation ADD COLUMN held BOOLEAN NOT NULL DEFAULT FALSE;
