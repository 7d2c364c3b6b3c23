-- Documents of the kinds EventRules and LookupTable.
CREATE TABLE eventpipeline_document (
	kind {{text}} NOT NULL,
	name {{text}} NOT NULL,
	spec {{text}} NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (kind, name)
);

-- Whoever changes a document gives this a new version: by it processes see that rules have changed.
CREATE TABLE eventpipeline_version (
	id BIGINT PRIMARY KEY,
	version {{text}} NOT NULL
);
INSERT INTO eventpipeline_version (id, version) VALUES (1, '');

-- What rules remember of keys.
CREATE TABLE eventpipeline_state (
	id {{text}} PRIMARY KEY,
	does {{text}} NOT NULL,
	rule {{text}} NOT NULL,
	state_key {{text}} NOT NULL,
	storm {{text}} NOT NULL, -- the source in whose storm the event was gathered
	due_at BIGINT NOT NULL, -- 0: not before its storm is over
	data {{text}} NOT NULL
);
CREATE INDEX eventpipeline_state_key ON eventpipeline_state (state_key);
CREATE INDEX eventpipeline_state_due ON eventpipeline_state (due_at) WHERE due_at > 0;
CREATE INDEX eventpipeline_state_storm ON eventpipeline_state (rule, storm) WHERE storm <> '';

-- What each rule did.
CREATE TABLE eventpipeline_count (
	rule {{text}} PRIMARY KEY,
	matched BIGINT NOT NULL,
	dropped BIGINT NOT NULL,
	held BIGINT NOT NULL,
	summarised BIGINT NOT NULL,
	raised BIGINT NOT NULL,
	failed BIGINT NOT NULL,
	last_match BIGINT NOT NULL,
	last_failure {{text}} NOT NULL
);

-- Replays of recorded events, under way and done.
CREATE TABLE eventpipeline_replay (
	id {{text}} PRIMARY KEY,
	state {{text}} NOT NULL, -- running, done, failed, cancelled
	started_at BIGINT NOT NULL,
	heard_at BIGINT NOT NULL, -- of the process that runs it
	by_name {{text}} NOT NULL,
	progress DOUBLE PRECISION NOT NULL,
	events BIGINT NOT NULL,
	request {{text}} NOT NULL,
	result {{text}} NOT NULL
);
CREATE INDEX eventpipeline_replay_started ON eventpipeline_replay (started_at);
