-- What an event was before event rules changed it, which rules it matched, and what else its sender said, as JSON.
ALTER TABLE events_event ADD COLUMN past {{text}} NOT NULL DEFAULT '';
