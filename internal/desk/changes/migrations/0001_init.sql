CREATE TABLE changes_sequence (
	name {{text}} PRIMARY KEY,
	value BIGINT NOT NULL
);

INSERT INTO changes_sequence (name, value) VALUES ('change', 0);

CREATE TABLE changes_change (
	id {{text}} PRIMARY KEY,
	number BIGINT NOT NULL UNIQUE,
	title {{text}} NOT NULL,
	reason {{text}} NOT NULL,
	state {{text}} NOT NULL,
	risk {{text}} NOT NULL,
	team {{text}} NOT NULL,
	planned_start BIGINT NOT NULL,
	planned_end BIGINT NOT NULL,
	requester_kind {{text}} NOT NULL,
	requester {{text}} NOT NULL,
	requester_name {{text}} NOT NULL,
	requested_at BIGINT NOT NULL,
	decider_kind {{text}} NOT NULL,
	decider {{text}} NOT NULL,
	decider_name {{text}} NOT NULL,
	decided_at BIGINT NOT NULL,
	decision {{text}} NOT NULL,
	approved BOOLEAN NOT NULL,
	started_at BIGINT NOT NULL,
	ended_at BIGINT NOT NULL,
	outcome {{text}} NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	version BIGINT NOT NULL
);

CREATE INDEX changes_change_planned ON changes_change (planned_start, id);
CREATE INDEX changes_change_created ON changes_change (created_at, id);

CREATE TABLE changes_item (
	change {{text}} NOT NULL,
	item {{text}} NOT NULL,
	PRIMARY KEY (change, item)
);

CREATE INDEX changes_item_item ON changes_item (item);
