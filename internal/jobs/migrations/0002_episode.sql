-- When a situation or alert opened, or opened again: what was decided about it
-- before says nothing of the present.
ALTER TABLE jobs_subject ADD COLUMN opened_at BIGINT NOT NULL DEFAULT 0;
