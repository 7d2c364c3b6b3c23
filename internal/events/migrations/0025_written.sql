-- +postgresql
-- The transaction that last wrote what other processes have to know of an alert:
-- they read what was written since. Clocks, which differ, have no say in it.
ALTER TABLE events_alert ADD COLUMN written BIGINT NOT NULL DEFAULT 0;
ALTER TABLE events_alert ALTER COLUMN written SET DEFAULT txid_current();
CREATE INDEX events_alert_written ON events_alert (written);
DROP INDEX events_alert_changed;
-- +both
