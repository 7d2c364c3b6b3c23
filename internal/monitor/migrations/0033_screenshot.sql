-- Pictures of pages that browser checks failed on, by their results.
CREATE TABLE monitor_screenshot (
	target {{text}} NOT NULL,
	at BIGINT NOT NULL,
	image {{bytes}} NOT NULL,
	PRIMARY KEY (target, at)
);
