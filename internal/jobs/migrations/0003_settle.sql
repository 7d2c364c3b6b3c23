-- Since when the item is the subject's: the root cause of a situation moves
-- while what it is about still arrives.
ALTER TABLE jobs_subject ADD COLUMN item_at BIGINT NOT NULL DEFAULT 0;
