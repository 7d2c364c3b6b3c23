CREATE TABLE ledger_head (
	id BIGINT PRIMARY KEY,
	seq BIGINT NOT NULL,
	hash {{bytes}} NOT NULL
);

INSERT INTO ledger_head (id, seq, hash) VALUES (1, 0, '');

CREATE TABLE ledger_entry (
	seq BIGINT PRIMARY KEY,
	id {{text}} NOT NULL,
	at BIGINT NOT NULL,
	actor_kind {{text}} NOT NULL,
	actor_id {{text}} NOT NULL,
	actor_name {{text}} NOT NULL,
	module {{text}} NOT NULL,
	type {{text}} NOT NULL,
	subject_kind {{text}} NOT NULL,
	subject_id {{text}} NOT NULL,
	item {{text}} NOT NULL,
	related {{text}} NOT NULL,
	team {{text}} NOT NULL,
	summary {{text}} NOT NULL,
	data {{text}} NOT NULL,
	cause {{text}} NOT NULL,
	hash {{bytes}} NOT NULL
);

CREATE UNIQUE INDEX ledger_entry_id ON ledger_entry (id);
CREATE INDEX ledger_entry_subject ON ledger_entry (subject_kind, subject_id, seq);
CREATE INDEX ledger_entry_at ON ledger_entry (at);

CREATE TABLE ledger_item (
	item {{text}} NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (item, seq)
);

CREATE INDEX ledger_item_seq ON ledger_item (seq);

CREATE TABLE ledger_cursor (
	consumer {{text}} PRIMARY KEY,
	seq BIGINT NOT NULL,
	updated BIGINT NOT NULL
);

CREATE TABLE ledger_skipped (
	consumer {{text}} NOT NULL,
	seq BIGINT NOT NULL,
	at BIGINT NOT NULL,
	error {{text}} NOT NULL,
	PRIMARY KEY (consumer, seq)
);

CREATE TABLE ledger_checkpoint (
	seq BIGINT PRIMARY KEY,
	hash {{bytes}} NOT NULL,
	at BIGINT NOT NULL,
	key {{bytes}} NOT NULL,
	signature {{bytes}} NOT NULL
);
