-- The alert that tells the same fault already; '' for one that speaks for itself.
ALTER TABLE events_alert ADD COLUMN same_as {{text}} NOT NULL DEFAULT '';
CREATE INDEX events_alert_same ON events_alert (same_as) WHERE same_as <> '';

-- What comes together: by book (things, kinds, words) what is counted, and the
-- pairs of it. The thing without a name is the book itself.
CREATE TABLE events_learned_thing (
	book {{text}} NOT NULL,
	name {{text}} NOT NULL,
	title {{text}} NOT NULL,
	cases DOUBLE PRECISION NOT NULL,
	at BIGINT NOT NULL,
	last_at BIGINT NOT NULL,
	PRIMARY KEY (book, name)
);
CREATE TABLE events_learned_pair (
	book {{text}} NOT NULL,
	a {{text}} NOT NULL,
	b {{text}} NOT NULL,
	together DOUBLE PRECISION NOT NULL,
	apart DOUBLE PRECISION NOT NULL,
	at BIGINT NOT NULL,
	last_at BIGINT NOT NULL,
	barred {{text}} NOT NULL, -- who had the pair ignored
	PRIMARY KEY (book, a, b)
);

-- Documents of the kind CorrelationRule.
CREATE TABLE events_correlation_rule (
	name {{text}} PRIMARY KEY,
	spec {{text}} NOT NULL
);
