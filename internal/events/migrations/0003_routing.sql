-- What each integration of a receiver has been told last of a group of alerts.
CREATE TABLE events_notification (
	group_key {{text}} NOT NULL,
	receiver {{text}} NOT NULL,
	integration {{text}} NOT NULL,
	position BIGINT NOT NULL, -- among those of its kind
	firing {{text}} NOT NULL, -- fingerprints, in order
	resolved {{text}} NOT NULL,
	at BIGINT NOT NULL, -- 0: never
	expires_at BIGINT NOT NULL,
	claimed_by {{text}} NOT NULL, -- the process that is telling it now
	claimed_until BIGINT NOT NULL,
	failure {{text}} NOT NULL, -- of the last attempt
	PRIMARY KEY (group_key, receiver, integration, position)
);
CREATE INDEX events_notification_expires ON events_notification (expires_at);

-- Documents of the kind Inhibition.
CREATE TABLE events_inhibition (
	name {{text}} PRIMARY KEY,
	spec {{text}} NOT NULL
);
