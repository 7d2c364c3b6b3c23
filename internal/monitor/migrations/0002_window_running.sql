-- An occurrence has begun and has not ended, as far as the ledger knows.
ALTER TABLE monitor_window ADD COLUMN running BOOLEAN NOT NULL DEFAULT FALSE;
