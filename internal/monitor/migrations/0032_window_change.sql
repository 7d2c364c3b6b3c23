-- The change that a window is of, and the number people know it by.
ALTER TABLE monitor_window ADD COLUMN change_id {{text}} NOT NULL DEFAULT '';
ALTER TABLE monitor_window ADD COLUMN change_number {{text}} NOT NULL DEFAULT '';
