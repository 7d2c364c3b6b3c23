-- What a process remembers of an alert holds as long as its revision.
ALTER TABLE events_alert ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
-- +postgresql
-- Room for the counts of repetitions beside the row: no index has to follow.
ALTER TABLE events_alert SET (fillfactor = 85);
-- +both
