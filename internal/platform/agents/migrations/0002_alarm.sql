-- When the alert of a lost agent was raised; 0: there is none.
ALTER TABLE agents_agent ADD COLUMN alarmed_at BIGINT NOT NULL DEFAULT 0;
