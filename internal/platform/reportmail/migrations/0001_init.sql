-- Reports that are sent by mail, as they were declared, and when they are due.
CREATE TABLE reportmail_mail (
	id {{text}} PRIMARY KEY,
	name {{text}} NOT NULL UNIQUE,
	spec {{text}} NOT NULL,
	due_at BIGINT NOT NULL,
	sent_at BIGINT NOT NULL,
	problem {{text}} NOT NULL
);
