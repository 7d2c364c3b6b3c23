-- What concerns an item is found by ledger_item alone, so that its entries need
-- no second place by their subject. On SQLite the number of an entry is the
-- key of its row.
INSERT INTO ledger_item (item, seq) SELECT subject_id, seq FROM ledger_entry WHERE subject_kind = 'item' AND subject_id <> '' ON CONFLICT DO NOTHING;
-- +postgresql
DROP INDEX ledger_entry_subject;
-- +sqlite
CREATE TABLE ledger_entry_new (
	seq INTEGER PRIMARY KEY,
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
INSERT INTO ledger_entry_new (seq, id, at, actor_kind, actor_id, actor_name, module, type, subject_kind, subject_id, item, related, team, summary, data, cause, hash)
	SELECT seq, id, at, actor_kind, actor_id, actor_name, module, type, subject_kind, subject_id, item, related, team, summary, data, cause, hash
	FROM ledger_entry ORDER BY seq;
DROP TABLE ledger_entry;
ALTER TABLE ledger_entry_new RENAME TO ledger_entry;
CREATE UNIQUE INDEX ledger_entry_id ON ledger_entry (id);
CREATE INDEX ledger_entry_at ON ledger_entry (at);

CREATE TABLE ledger_item_new (
	item {{text}} NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (item, seq)
) WITHOUT ROWID;
INSERT INTO ledger_item_new (item, seq) SELECT item, seq FROM ledger_item ORDER BY item, seq;
DROP TABLE ledger_item;
ALTER TABLE ledger_item_new RENAME TO ledger_item;
CREATE INDEX ledger_item_seq ON ledger_item (seq);
-- +both
CREATE INDEX ledger_entry_subject ON ledger_entry (subject_kind, subject_id, seq) WHERE subject_kind <> 'item';
