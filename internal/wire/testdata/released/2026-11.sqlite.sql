CREATE TABLE schema_ledger (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
CREATE TABLE ledger_head (
	id BIGINT PRIMARY KEY,
	seq BIGINT NOT NULL,
	hash BLOB NOT NULL
);
CREATE TABLE ledger_entry (
	seq BIGINT PRIMARY KEY,
	id TEXT NOT NULL,
	at BIGINT NOT NULL,
	actor_kind TEXT NOT NULL,
	actor_id TEXT NOT NULL,
	actor_name TEXT NOT NULL,
	module TEXT NOT NULL,
	type TEXT NOT NULL,
	subject_kind TEXT NOT NULL,
	subject_id TEXT NOT NULL,
	item TEXT NOT NULL,
	related TEXT NOT NULL,
	team TEXT NOT NULL,
	summary TEXT NOT NULL,
	data TEXT NOT NULL,
	cause TEXT NOT NULL,
	hash BLOB NOT NULL
);
CREATE TABLE ledger_item (
	item TEXT NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (item, seq)
);
CREATE TABLE ledger_cursor (
	consumer TEXT PRIMARY KEY,
	seq BIGINT NOT NULL,
	updated BIGINT NOT NULL
);
CREATE TABLE ledger_skipped (
	consumer TEXT NOT NULL,
	seq BIGINT NOT NULL,
	at BIGINT NOT NULL,
	error TEXT NOT NULL,
	PRIMARY KEY (consumer, seq)
);
CREATE TABLE ledger_checkpoint (
	seq BIGINT PRIMARY KEY,
	hash BLOB NOT NULL,
	at BIGINT NOT NULL,
	key BLOB NOT NULL,
	signature BLOB NOT NULL
);
CREATE TABLE schema_tasks (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
CREATE TABLE tasks_task (
    id           TEXT NOT NULL PRIMARY KEY,
    queue        TEXT NOT NULL,
    kind         TEXT NOT NULL,
    dedup        TEXT NOT NULL,
    state        TEXT NOT NULL,
    again        BOOLEAN  NOT NULL DEFAULT FALSE,
    priority     INTEGER  NOT NULL,
    run_at       BIGINT   NOT NULL,
    attempt      INTEGER  NOT NULL DEFAULT 0,
    failures     INTEGER  NOT NULL DEFAULT 0,
    max_failures INTEGER  NOT NULL,
    owner        TEXT NOT NULL DEFAULT '',
    lease_until  BIGINT   NOT NULL DEFAULT 0,
    created_at   BIGINT   NOT NULL,
    started_at   BIGINT   NOT NULL DEFAULT 0,
    error        TEXT NOT NULL DEFAULT '',
    payload      TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE schema_httpapi (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
CREATE TABLE httpapi_outcome (
    id         TEXT  NOT NULL PRIMARY KEY,
    body       BLOB NOT NULL,
    owner      TEXT  NOT NULL,
    state      TEXT  NOT NULL,
    started_at BIGINT    NOT NULL,
    answer     BLOB
);
CREATE TABLE schema_secrets (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
CREATE TABLE secrets_secret (
	name TEXT PRIMARY KEY,
	description TEXT NOT NULL,
	team TEXT NOT NULL,
	internal BOOLEAN NOT NULL,
	current BIGINT NOT NULL,
	created BIGINT NOT NULL,
	changed BIGINT NOT NULL,
	uses BIGINT NOT NULL,
	used BIGINT NOT NULL,
	used_by TEXT NOT NULL
);
CREATE TABLE secrets_version (
	name TEXT NOT NULL REFERENCES secrets_secret (name) ON DELETE CASCADE,
	version BIGINT NOT NULL,
	key_id TEXT NOT NULL,
	sealed BLOB NOT NULL,
	created BIGINT NOT NULL,
	created_by TEXT NOT NULL,
	PRIMARY KEY (name, version)
);
CREATE TABLE secrets_key (
	id BIGINT PRIMARY KEY,
	active TEXT NOT NULL
);
CREATE TABLE schema_identity (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
CREATE TABLE auth_user (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL,
	username TEXT NOT NULL UNIQUE,
	name TEXT NOT NULL,
	email TEXT NOT NULL,
	active BOOLEAN NOT NULL,
	password TEXT NOT NULL,
	password_changed BIGINT NOT NULL,
	totp BOOLEAN NOT NULL,
	totp_step BIGINT NOT NULL,
	issuer TEXT NOT NULL,
	subject TEXT NOT NULL,
	created BIGINT NOT NULL,
	changed BIGINT NOT NULL,
	signed_in BIGINT NOT NULL,
	revision BIGINT NOT NULL
);
CREATE TABLE auth_recovery (
	user_id TEXT NOT NULL REFERENCES auth_user (id) ON DELETE CASCADE,
	hash TEXT NOT NULL,
	PRIMARY KEY (user_id, hash)
);
CREATE TABLE auth_team (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	description TEXT NOT NULL,
	created BIGINT NOT NULL,
	changed BIGINT NOT NULL
);
CREATE TABLE auth_role (
	name TEXT PRIMARY KEY,
	description TEXT NOT NULL,
	permissions TEXT NOT NULL,
	created BIGINT NOT NULL,
	changed BIGINT NOT NULL
);
CREATE TABLE auth_grant (
	user_id TEXT NOT NULL REFERENCES auth_user (id) ON DELETE CASCADE,
	role TEXT NOT NULL,
	team TEXT NOT NULL,
	source TEXT NOT NULL,
	PRIMARY KEY (user_id, role, team, source)
);
CREATE TABLE auth_session (
	id TEXT PRIMARY KEY,
	user_id TEXT NOT NULL REFERENCES auth_user (id) ON DELETE CASCADE,
	hash TEXT NOT NULL UNIQUE,
	previous TEXT NOT NULL,
	created BIGINT NOT NULL,
	rotated BIGINT NOT NULL,
	seen BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	address TEXT NOT NULL,
	agent TEXT NOT NULL,
	method TEXT NOT NULL
);
CREATE TABLE auth_token (
	id TEXT PRIMARY KEY,
	user_id TEXT NOT NULL REFERENCES auth_user (id) ON DELETE CASCADE,
	name TEXT NOT NULL,
	hash TEXT NOT NULL UNIQUE,
	hint TEXT NOT NULL,
	scopes TEXT NOT NULL,
	created BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	used BIGINT NOT NULL,
	address TEXT NOT NULL
);
CREATE TABLE auth_setup (
	id BIGINT PRIMARY KEY,
	hash TEXT NOT NULL,
	expires BIGINT NOT NULL
);
CREATE TABLE schema_agents (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
CREATE TABLE agents_agent (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	nkey TEXT NOT NULL,
	team TEXT NOT NULL,
	hostname TEXT NOT NULL,
	os TEXT NOT NULL,
	arch TEXT NOT NULL,
	version TEXT NOT NULL,
	capabilities TEXT NOT NULL,
	policy TEXT NOT NULL,
	item TEXT NOT NULL,
	instance TEXT NOT NULL,
	resident BOOLEAN NOT NULL,
	connected BOOLEAN NOT NULL,
	enrolled_at BIGINT NOT NULL,
	changed_at BIGINT NOT NULL,
	seen_at BIGINT NOT NULL,
	queued BIGINT NOT NULL,
	dropped BIGINT NOT NULL,
	lag BIGINT NOT NULL
);
CREATE TABLE agents_enrolment (
	id TEXT PRIMARY KEY,
	hash TEXT NOT NULL,
	name TEXT NOT NULL,
	team TEXT NOT NULL,
	created_by TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	used_at BIGINT NOT NULL,
	revoked_at BIGINT NOT NULL,
	agent TEXT NOT NULL
);
CREATE TABLE schema_graph (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
CREATE TABLE graph_version (
    id          BIGINT NOT NULL PRIMARY KEY,
    version     BIGINT NOT NULL,
    definitions BIGINT NOT NULL,
    at          BIGINT NOT NULL
);
CREATE TABLE graph_definition (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    spec TEXT NOT NULL,
    PRIMARY KEY (kind, name)
);
CREATE TABLE graph_item (
    id          TEXT NOT NULL PRIMARY KEY,
    class       TEXT NOT NULL,
    name        TEXT NOT NULL,
    state       TEXT NOT NULL,
    team        TEXT NOT NULL,
    site        TEXT NOT NULL,
    criticality BIGINT   NOT NULL,
    attributes  TEXT NOT NULL,
    redundancy  TEXT NOT NULL,
    survivor    TEXT NOT NULL,
    changed_by  TEXT NOT NULL,
    revision    BIGINT   NOT NULL,
    created_at  BIGINT   NOT NULL,
    updated_at  BIGINT   NOT NULL,
    missing_at  BIGINT   NOT NULL,
    version     BIGINT   NOT NULL
);
CREATE TABLE graph_past (
    id          TEXT NOT NULL,
    valid_from  BIGINT   NOT NULL,
    valid_to    BIGINT   NOT NULL,
    class       TEXT NOT NULL,
    name        TEXT NOT NULL,
    state       TEXT NOT NULL,
    team        TEXT NOT NULL,
    site        TEXT NOT NULL,
    criticality BIGINT   NOT NULL,
    attributes  TEXT NOT NULL,
    redundancy  TEXT NOT NULL,
    survivor    TEXT NOT NULL,
    changed_by  TEXT NOT NULL,
    revision    BIGINT   NOT NULL,
    created_at  BIGINT   NOT NULL,
    PRIMARY KEY (id, valid_from)
);
CREATE TABLE graph_observation (
    key         TEXT NOT NULL PRIMARY KEY,
    item        TEXT NOT NULL,
    source      TEXT NOT NULL,
    scope       TEXT NOT NULL,
    class       TEXT NOT NULL,
    name        TEXT NOT NULL,
    team        TEXT NOT NULL,
    identities  TEXT NOT NULL,
    attributes  TEXT NOT NULL,
    redundancy  TEXT NOT NULL,
    hash        TEXT NOT NULL,
    observed_at BIGINT   NOT NULL,
    seen_at     BIGINT   NOT NULL,
    stale       BOOLEAN  NOT NULL
) WITHOUT ROWID;
CREATE TABLE graph_identity (
    kind   TEXT NOT NULL,
    value  TEXT NOT NULL,
    item   TEXT NOT NULL,
    family TEXT NOT NULL,
    PRIMARY KEY (kind, value, item)
) WITHOUT ROWID;
CREATE TABLE graph_relation (
    from_item  TEXT NOT NULL,
    type       TEXT NOT NULL,
    to_item    TEXT NOT NULL,
    valid_from BIGINT   NOT NULL,
    valid_to   BIGINT   NOT NULL,
    grp        TEXT NOT NULL,
    attributes TEXT NOT NULL,
    sources    TEXT NOT NULL,
    version    BIGINT   NOT NULL,
    PRIMARY KEY (from_item, type, to_item, valid_from)
) WITHOUT ROWID;
CREATE TABLE graph_pending (
    kind       TEXT NOT NULL,
    value      TEXT NOT NULL,
    class      TEXT NOT NULL,
    from_item  TEXT NOT NULL,
    type       TEXT NOT NULL,
    source     TEXT NOT NULL,
    scope      TEXT NOT NULL,
    grp        TEXT NOT NULL,
    attributes TEXT NOT NULL,
    PRIMARY KEY (kind, value, class, from_item, type, source, scope)
);
CREATE TABLE graph_report (
    hash    TEXT NOT NULL PRIMARY KEY,
    source  TEXT NOT NULL,
    scope   TEXT NOT NULL,
    seen_at BIGINT   NOT NULL,
    items   TEXT NOT NULL
);
CREATE TABLE graph_duplicate (
    id          TEXT NOT NULL PRIMARY KEY,
    items       TEXT NOT NULL UNIQUE,
    reason      TEXT NOT NULL,
    state       TEXT NOT NULL,
    opened_at   BIGINT   NOT NULL,
    resolved_at BIGINT   NOT NULL,
    resolved_by TEXT NOT NULL
);
CREATE TABLE graph_merge (
    id        TEXT NOT NULL PRIMARY KEY,
    survivor  TEXT NOT NULL,
    merged    TEXT NOT NULL,
    cause     TEXT NOT NULL,
    at        BIGINT   NOT NULL,
    by_whom   TEXT NOT NULL,
    undo      TEXT NOT NULL,
    undone_at BIGINT   NOT NULL
);
CREATE TABLE schema_monitor (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
CREATE TABLE monitor_check (
    id         TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    kind       TEXT NOT NULL,
    team       TEXT NOT NULL,
    disabled   BOOLEAN  NOT NULL,
    spec       TEXT NOT NULL,
    version    BIGINT   NOT NULL,
    created_at BIGINT   NOT NULL,
    updated_at BIGINT   NOT NULL
);
CREATE TABLE monitor_target (
    id         TEXT NOT NULL PRIMARY KEY,
    check_id   TEXT NOT NULL,
    item       TEXT NOT NULL,
    status     TEXT NOT NULL,
    hard       BOOLEAN  NOT NULL,
    severity   INTEGER  NOT NULL,
    since      BIGINT   NOT NULL,
    checked_at BIGINT   NOT NULL,
    duration   BIGINT   NOT NULL,
    output     TEXT NOT NULL,
    state      TEXT NOT NULL
);
CREATE TABLE monitor_result (
    target   TEXT NOT NULL,
    at       BIGINT   NOT NULL,
    status   TEXT NOT NULL,
    hard     BOOLEAN  NOT NULL,
    attempt  INTEGER  NOT NULL,
    duration BIGINT   NOT NULL,
    output   TEXT NOT NULL,
    detail   TEXT NOT NULL,
    metrics  TEXT NOT NULL,
    PRIMARY KEY (target, at)
);
CREATE TABLE monitor_outbox (
    id    TEXT NOT NULL PRIMARY KEY,
    event TEXT NOT NULL
);
CREATE TABLE monitor_rule (
    id         TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    team       TEXT NOT NULL,
    disabled   BOOLEAN  NOT NULL,
    spec       TEXT NOT NULL,
    version    BIGINT   NOT NULL,
    created_at BIGINT   NOT NULL,
    updated_at BIGINT   NOT NULL
);
CREATE TABLE monitor_rule_alert (
    rule_id     TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    state       TEXT NOT NULL,
    PRIMARY KEY (rule_id, fingerprint)
);
CREATE TABLE monitor_window (
    id         TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    team       TEXT NOT NULL,
    spec       TEXT NOT NULL,
    starts_at  BIGINT   NOT NULL,
    ends_at    BIGINT   NOT NULL,
    version    BIGINT   NOT NULL,
    created_at BIGINT   NOT NULL,
    updated_at BIGINT   NOT NULL
);
CREATE TABLE schema_events (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
CREATE TABLE events_event (
	id TEXT PRIMARY KEY,
	at BIGINT NOT NULL,
	source TEXT NOT NULL,
	kind TEXT NOT NULL,
	severity BIGINT NOT NULL,
	event_key TEXT NOT NULL,
	title TEXT NOT NULL,
	description TEXT NOT NULL,
	item TEXT NOT NULL,
	alert TEXT NOT NULL,
	effect TEXT NOT NULL,
	labels TEXT NOT NULL
);
CREATE TABLE events_repeat (
	id TEXT PRIMARY KEY,
	at BIGINT NOT NULL,
	events BIGINT NOT NULL,
	data TEXT NOT NULL,
	applied BOOLEAN NOT NULL -- added to the alerts' counters
);
CREATE TABLE events_alert (
	id TEXT PRIMARY KEY,
	alert_key TEXT NOT NULL,
	latest BOOLEAN NOT NULL, -- the one that events of its key act on
	source TEXT NOT NULL,
	title TEXT NOT NULL,
	description TEXT NOT NULL,
	item TEXT NOT NULL,
	identities TEXT NOT NULL,
	check_id TEXT NOT NULL,
	team TEXT NOT NULL,
	cause TEXT NOT NULL,
	labels TEXT NOT NULL,
	annotations TEXT NOT NULL,
	url TEXT NOT NULL,
	active BOOLEAN NOT NULL,
	observed BOOLEAN NOT NULL,
	state TEXT NOT NULL,
	severity BIGINT NOT NULL,
	worst BIGINT NOT NULL,
	opened_at BIGINT NOT NULL,
	onset BIGINT NOT NULL,
	last_seen BIGINT NOT NULL,
	cleared_at BIGINT NOT NULL,
	changed_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	due_at BIGINT NOT NULL,
	occurrences BIGINT NOT NULL,
	episodes BIGINT NOT NULL,
	flips TEXT NOT NULL,
	flapping BOOLEAN NOT NULL,
	acked_by TEXT NOT NULL,
	ack_note TEXT NOT NULL,
	acked_at BIGINT NOT NULL,
	acked_severity BIGINT NOT NULL,
	assignee TEXT NOT NULL,
	suppressed_by TEXT NOT NULL,
	suppressed_id TEXT NOT NULL,
	suppressed_why TEXT NOT NULL,
	situation TEXT NOT NULL DEFAULT '',
	pinned BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE TABLE events_comment (
	id TEXT PRIMARY KEY,
	subject_kind TEXT NOT NULL,
	subject_id TEXT NOT NULL,
	at BIGINT NOT NULL,
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	body TEXT NOT NULL
);
CREATE TABLE events_situation (
	id TEXT PRIMARY KEY,
	state TEXT NOT NULL,
	merged_into TEXT NOT NULL,
	title TEXT NOT NULL,
	severity BIGINT NOT NULL,
	team TEXT NOT NULL,
	opened_at BIGINT NOT NULL,
	closed_at BIGINT NOT NULL,
	quiet_since BIGINT NOT NULL,
	changed_at BIGINT NOT NULL,
	due_at BIGINT NOT NULL,
	root_item TEXT NOT NULL,
	root_alert TEXT NOT NULL,
	root_name TEXT NOT NULL,
	confidence DOUBLE PRECISION NOT NULL,
	confirmed TEXT NOT NULL,
	confirmed_by TEXT NOT NULL,
	candidates TEXT NOT NULL,
	services TEXT NOT NULL,
	alerts BIGINT NOT NULL,
	active_alerts BIGINT NOT NULL,
	items BIGINT NOT NULL,
	acked_by TEXT NOT NULL DEFAULT '',
	acked_at BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE events_member (
	situation TEXT NOT NULL,
	alert TEXT NOT NULL,
	joined_at BIGINT NOT NULL,
	left_at BIGINT NOT NULL,
	why TEXT NOT NULL,
	PRIMARY KEY (situation, alert)
);
CREATE TABLE events_note (
	id TEXT PRIMARY KEY,
	situation TEXT NOT NULL,
	at BIGINT NOT NULL,
	kind TEXT NOT NULL,
	from_ref TEXT NOT NULL,
	to_ref TEXT NOT NULL,
	why TEXT NOT NULL
);
CREATE TABLE events_silence (
	id TEXT PRIMARY KEY,
	matchers TEXT NOT NULL,
	starts_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	created_by TEXT NOT NULL,
	comment TEXT NOT NULL
);
CREATE TABLE events_correlator (
	id BIGINT PRIMARY KEY,
	version TEXT NOT NULL
);
CREATE TABLE schema_desk (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
CREATE TABLE desk_sequence (
	name TEXT PRIMARY KEY,
	value BIGINT NOT NULL
);
CREATE TABLE desk_incident (
	id TEXT PRIMARY KEY,
	number BIGINT NOT NULL UNIQUE,
	title TEXT NOT NULL,
	description TEXT NOT NULL,
	state TEXT NOT NULL,
	severity BIGINT NOT NULL,
	impact TEXT NOT NULL,
	urgency TEXT NOT NULL,
	priority TEXT NOT NULL,
	priority_fixed BOOLEAN NOT NULL,
	situation TEXT UNIQUE,
	item TEXT NOT NULL,
	services TEXT NOT NULL,
	checks TEXT NOT NULL,
	team TEXT NOT NULL,
	assignee TEXT NOT NULL,
	requester TEXT NOT NULL,
	hold_reason TEXT NOT NULL,
	resolution TEXT NOT NULL,
	reopened BIGINT NOT NULL,
	opened_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	responded_at BIGINT NOT NULL,
	resolved_at BIGINT NOT NULL,
	closed_at BIGINT NOT NULL,
	entry TEXT NOT NULL,
	version BIGINT NOT NULL
);
CREATE TABLE desk_incident_item (
	incident TEXT NOT NULL,
	item TEXT NOT NULL,
	PRIMARY KEY (incident, item)
);
CREATE TABLE desk_clock (
	incident TEXT NOT NULL,
	kind TEXT NOT NULL,
	state TEXT NOT NULL,
	level TEXT NOT NULL,
	calendar TEXT NOT NULL,
	target BIGINT NOT NULL,
	used BIGINT NOT NULL,
	since BIGINT NOT NULL,
	warn_at BIGINT NOT NULL,
	due_at BIGINT NOT NULL,
	warned_at BIGINT NOT NULL,
	breached_at BIGINT NOT NULL,
	next_at BIGINT NOT NULL,
	PRIMARY KEY (incident, kind)
);
CREATE TABLE desk_comment (
	id TEXT PRIMARY KEY,
	incident TEXT NOT NULL,
	at BIGINT NOT NULL,
	author_kind TEXT NOT NULL,
	author TEXT NOT NULL,
	author_name TEXT NOT NULL,
	public BOOLEAN NOT NULL,
	body TEXT NOT NULL
);
CREATE TABLE desk_attachment (
	id TEXT PRIMARY KEY,
	incident TEXT NOT NULL,
	at BIGINT NOT NULL,
	author_kind TEXT NOT NULL,
	author TEXT NOT NULL,
	author_name TEXT NOT NULL,
	public BOOLEAN NOT NULL,
	name TEXT NOT NULL,
	type TEXT NOT NULL,
	size BIGINT NOT NULL,
	sha256 TEXT NOT NULL
);
CREATE TABLE desk_timeline (
	id TEXT PRIMARY KEY,
	incident TEXT NOT NULL,
	at BIGINT NOT NULL,
	kind TEXT NOT NULL,
	actor_kind TEXT NOT NULL,
	actor TEXT NOT NULL,
	actor_name TEXT NOT NULL,
	public BOOLEAN NOT NULL,
	summary TEXT NOT NULL,
	data TEXT NOT NULL,
	subject_kind TEXT NOT NULL,
	subject TEXT NOT NULL,
	entry TEXT NOT NULL
);
CREATE TABLE desk_run (
	incident TEXT NOT NULL,
	run TEXT NOT NULL,
	runbook TEXT NOT NULL,
	status TEXT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (incident, run)
);
CREATE TABLE desk_document (
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	spec TEXT NOT NULL,
	PRIMARY KEY (kind, name)
);
CREATE TABLE schema_jobs (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
CREATE TABLE jobs_runbook (
    name       TEXT NOT NULL PRIMARY KEY,
    title      TEXT NOT NULL,
    team       TEXT NOT NULL,
    spec       TEXT NOT NULL,
    created_at BIGINT   NOT NULL,
    updated_at BIGINT   NOT NULL
);
CREATE TABLE jobs_run (
    id           TEXT NOT NULL PRIMARY KEY,
    runbook      TEXT NOT NULL,
    title        TEXT NOT NULL,
    state        TEXT NOT NULL,
    error        TEXT NOT NULL,
    origin       TEXT NOT NULL,
    actor_kind   TEXT NOT NULL,
    actor_id     TEXT NOT NULL,
    actor_name   TEXT NOT NULL,
    why          TEXT NOT NULL,
    cause        TEXT NOT NULL,
    decision     TEXT NOT NULL,
    rerun_of     TEXT NOT NULL,
    team         TEXT NOT NULL,
    parameters   TEXT NOT NULL,
    item         TEXT NOT NULL,
    situation    TEXT NOT NULL,
    alert        TEXT NOT NULL,
    incident     TEXT NOT NULL,
    checks       TEXT NOT NULL,
    definition   TEXT NOT NULL,
    created_at   BIGINT   NOT NULL,
    started_at   BIGINT   NOT NULL,
    finished_at  BIGINT   NOT NULL,
    entry        TEXT NOT NULL,
    version      BIGINT   NOT NULL DEFAULT 0,
    output_seq   BIGINT   NOT NULL DEFAULT 0,
    output_bytes BIGINT   NOT NULL DEFAULT 0
);
CREATE TABLE jobs_step (
    run         TEXT NOT NULL REFERENCES jobs_run (id) ON DELETE CASCADE,
    position    INTEGER  NOT NULL,
    id          TEXT NOT NULL,
    name        TEXT NOT NULL,
    kind        TEXT NOT NULL,
    state       TEXT NOT NULL,
    attempt     INTEGER  NOT NULL,
    dispatched  BOOLEAN  NOT NULL,
    agent       TEXT NOT NULL,
    exit_code   BIGINT   NULL,
    message     TEXT NOT NULL,
    decided_by  TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    started_at  BIGINT   NOT NULL,
    finished_at BIGINT   NOT NULL,
    retry_at    BIGINT   NOT NULL,
    PRIMARY KEY (run, position)
);
CREATE TABLE jobs_attempt (
    run         TEXT NOT NULL REFERENCES jobs_run (id) ON DELETE CASCADE,
    step        TEXT NOT NULL,
    attempt     INTEGER  NOT NULL,
    state       TEXT NOT NULL,
    agent       TEXT NOT NULL,
    exit_code   BIGINT   NULL,
    message     TEXT NOT NULL,
    started_at  BIGINT   NOT NULL,
    finished_at BIGINT   NOT NULL,
    PRIMARY KEY (run, step, attempt)
);
CREATE TABLE jobs_output (
    run      TEXT NOT NULL REFERENCES jobs_run (id) ON DELETE CASCADE,
    seq      BIGINT   NOT NULL,
    step     TEXT NOT NULL,
    attempt  INTEGER  NOT NULL,
    stream   TEXT NOT NULL,
    position BIGINT   NOT NULL,
    at       BIGINT   NOT NULL,
    data     TEXT NOT NULL,
    PRIMARY KEY (run, seq)
);
CREATE TABLE jobs_remediation (
    name       TEXT NOT NULL PRIMARY KEY,
    enabled    BOOLEAN  NOT NULL,
    team       TEXT NOT NULL,
    runbook    TEXT NOT NULL,
    spec       TEXT NOT NULL,
    created_at BIGINT   NOT NULL,
    updated_at BIGINT   NOT NULL
);
CREATE TABLE jobs_decision (
    id           TEXT NOT NULL PRIMARY KEY,
    remediation  TEXT NOT NULL,
    team         TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id   TEXT NOT NULL,
    item         TEXT NOT NULL,
    state        TEXT NOT NULL,
    active       BOOLEAN  NOT NULL,
    guard        TEXT NOT NULL,
    why          TEXT NOT NULL,
    runbook      TEXT NOT NULL,
    run          TEXT NOT NULL,
    parameters   TEXT NOT NULL,
    subject      TEXT NOT NULL,
    evidence     TEXT NOT NULL,
    decided_by   TEXT NOT NULL,
    cause        TEXT NOT NULL,
    entry        TEXT NOT NULL,
    seen         INTEGER  NOT NULL,
    created_at   BIGINT   NOT NULL,
    updated_at   BIGINT   NOT NULL
);
CREATE TABLE jobs_subject (
    kind       TEXT NOT NULL,
    id         TEXT NOT NULL,
    entry      TEXT NOT NULL,
    item       TEXT NOT NULL,
    data       TEXT NOT NULL,
    updated_at BIGINT   NOT NULL,
    PRIMARY KEY (kind, id)
);
CREATE TABLE jobs_setting (
    name       TEXT NOT NULL PRIMARY KEY,
    value      TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    updated_at BIGINT   NOT NULL
);
CREATE UNIQUE INDEX ledger_entry_id ON ledger_entry (id);
CREATE INDEX ledger_entry_subject ON ledger_entry (subject_kind, subject_id, seq);
CREATE INDEX ledger_entry_at ON ledger_entry (at);
CREATE INDEX ledger_item_seq ON ledger_item (seq);
CREATE UNIQUE INDEX tasks_task_dedup ON tasks_task (kind, dedup) WHERE dedup <> '' AND state <> 'dead';
CREATE INDEX tasks_task_waiting ON tasks_task (queue, priority DESC, run_at, id) WHERE state = 'waiting';
CREATE INDEX tasks_task_delayed ON tasks_task (queue, run_at) WHERE state = 'delayed';
CREATE INDEX tasks_task_running ON tasks_task (queue, lease_until) WHERE state = 'running';
CREATE INDEX tasks_task_dead ON tasks_task (created_at) WHERE state = 'dead';
CREATE INDEX httpapi_outcome_started ON httpapi_outcome (started_at);
CREATE INDEX secrets_version_key ON secrets_version (key_id);
CREATE INDEX auth_user_subject ON auth_user (issuer, subject);
CREATE INDEX auth_grant_team ON auth_grant (team);
CREATE INDEX auth_grant_role ON auth_grant (role);
CREATE INDEX auth_session_user ON auth_session (user_id);
CREATE INDEX auth_session_previous ON auth_session (previous);
CREATE INDEX auth_session_expires ON auth_session (expires);
CREATE INDEX auth_token_user ON auth_token (user_id);
CREATE UNIQUE INDEX agents_agent_nkey ON agents_agent (nkey);
CREATE UNIQUE INDEX agents_agent_name ON agents_agent (name);
CREATE INDEX agents_agent_seen ON agents_agent (connected, seen_at);
CREATE INDEX agents_agent_item ON agents_agent (item);
CREATE UNIQUE INDEX agents_enrolment_hash ON agents_enrolment (hash);
CREATE INDEX agents_enrolment_created ON agents_enrolment (created_at);
CREATE INDEX graph_item_class ON graph_item (class, name);
CREATE INDEX graph_item_name ON graph_item (name);
CREATE INDEX graph_item_updated ON graph_item (updated_at);
CREATE INDEX graph_item_version ON graph_item (version);
CREATE INDEX graph_item_missing ON graph_item (missing_at) WHERE missing_at > 0;
CREATE INDEX graph_past_valid ON graph_past (valid_to, valid_from);
CREATE INDEX graph_observation_item ON graph_observation (item);
CREATE INDEX graph_observation_scope ON graph_observation (source, scope, class);
CREATE INDEX graph_observation_fresh ON graph_observation (class, seen_at) WHERE NOT stale;
CREATE INDEX graph_identity_item ON graph_identity (item);
CREATE INDEX graph_relation_to ON graph_relation (to_item);
CREATE INDEX graph_relation_version ON graph_relation (version);
CREATE INDEX graph_pending_from ON graph_pending (from_item);
CREATE INDEX graph_report_scope ON graph_report (source, scope);
CREATE INDEX graph_duplicate_state ON graph_duplicate (state, opened_at);
CREATE INDEX graph_merge_survivor ON graph_merge (survivor);
CREATE INDEX graph_merge_merged ON graph_merge (merged);
CREATE UNIQUE INDEX monitor_target_check ON monitor_target (check_id, item);
CREATE INDEX monitor_target_item ON monitor_target (item);
CREATE INDEX events_event_alert ON events_event (alert, id);
CREATE INDEX events_repeat_waiting ON events_repeat (id) WHERE NOT applied;
CREATE UNIQUE INDEX events_alert_key ON events_alert (alert_key) WHERE latest;
CREATE INDEX events_alert_opened ON events_alert (opened_at, id);
CREATE INDEX events_alert_active ON events_alert (severity, opened_at, id) WHERE active;
CREATE INDEX events_alert_item ON events_alert (item, opened_at) WHERE item <> '';
CREATE INDEX events_alert_situation ON events_alert (situation) WHERE situation <> '';
CREATE INDEX events_alert_due ON events_alert (due_at) WHERE due_at > 0;
CREATE INDEX events_comment_subject ON events_comment (subject_kind, subject_id, id);
CREATE INDEX events_situation_opened ON events_situation (opened_at, id);
CREATE INDEX events_situation_state ON events_situation (state, closed_at);
CREATE INDEX events_situation_due ON events_situation (due_at) WHERE due_at > 0;
CREATE INDEX events_member_alert ON events_member (alert);
CREATE INDEX events_note_situation ON events_note (situation, id);
CREATE INDEX events_silence_ends ON events_silence (ends_at);
CREATE INDEX desk_incident_opened ON desk_incident (opened_at, id);
CREATE INDEX desk_incident_state ON desk_incident (state, resolved_at);
CREATE INDEX desk_incident_requester ON desk_incident (requester, opened_at);
CREATE INDEX desk_incident_assignee ON desk_incident (assignee, state);
CREATE INDEX desk_incident_item_item ON desk_incident_item (item);
CREATE INDEX desk_clock_next ON desk_clock (next_at);
CREATE INDEX desk_comment_incident ON desk_comment (incident, id);
CREATE INDEX desk_attachment_incident ON desk_attachment (incident, id);
CREATE INDEX desk_timeline_incident ON desk_timeline (incident, at, id);
CREATE INDEX jobs_run_created ON jobs_run (created_at);
CREATE INDEX jobs_run_runbook ON jobs_run (runbook, state, id);
CREATE INDEX jobs_run_situation ON jobs_run (situation) WHERE situation <> '';
CREATE INDEX jobs_run_incident ON jobs_run (incident) WHERE incident <> '';
CREATE INDEX jobs_run_item ON jobs_run (item) WHERE item <> '';
CREATE INDEX jobs_run_finished ON jobs_run (finished_at) WHERE finished_at <> 0;
CREATE INDEX jobs_step_waiting ON jobs_step (run) WHERE state = 'waiting';
CREATE UNIQUE INDEX jobs_decision_active ON jobs_decision (remediation, subject_id, item) WHERE active;
CREATE INDEX jobs_decision_remediation ON jobs_decision (remediation, created_at);
CREATE INDEX jobs_decision_created ON jobs_decision (created_at) WHERE NOT active;
CREATE INDEX jobs_decision_subject ON jobs_decision (subject_id);
CREATE INDEX jobs_decision_item ON jobs_decision (remediation, item, created_at);
INSERT INTO schema_ledger VALUES (1, 0, 1, '2026-11-23 04:13:27');
INSERT INTO schema_ledger VALUES (2, 1, 1, '2026-11-23 04:13:27');
INSERT INTO ledger_head VALUES (1, 28, X'C238B0756FDD05BE15828252CD42DF0769C5AEE477FF257B5D2DF903D00697E1');
INSERT INTO ledger_entry VALUES (1, '01m839qq5h31d4axc1r6v3e4t7', 1795407207601313, 'system', 'setup', 'setup', 'auth', 'auth.user.created', 'user', '01m839qq5h31d4axc1r6v3e4t6', '', '', '', 'created the first administrator admin', '{"username":"admin"}', '', X'C403758D8C44461680024B2DA1DA65F5649A5F799A0BEAAF9E3BA935652D6166');
INSERT INTO ledger_entry VALUES (2, '01m839qq5y8644bphqw3qb4cb2', 1795407207613994, 'user', 'someone', 'someone', 'graph', 'graph.item.created', 'item', '01m839qq5y8644bphqw3qb4cb1', '01m839qq5y8644bphqw3qb4cb1', '', '', 'Created host shop-host', '{"id":"01m839qq5y8644bphqw3qb4cb1","class":"host","name":"shop-host","state":"active","source":"document","after":{}}', '', X'19B2BDEECC2C625FC094A7F5978A84E070C2CC511D839178C3C92AE9293C2A9B');
INSERT INTO ledger_entry VALUES (3, '01m839qq5zdrw8d564sebvy5ke', 1795407207615441, 'user', 'someone', 'someone', 'graph', 'graph.item.created', 'item', '01m839qq5zdrw8d564sebvy5kd', '01m839qq5zdrw8d564sebvy5kd', '', '', 'Created business_service web-shop', '{"id":"01m839qq5zdrw8d564sebvy5kd","class":"business_service","name":"web-shop","state":"active","source":"document","after":{"owner":"Sales","serviceHours":"always","url":"http://127.0.0.1:18080/"}}', '', X'3BBECFA8C752D1C6D853172E230E31219420EFF910D142FC5351AC1CEED790A7');
INSERT INTO ledger_entry VALUES (4, '01m839qq671efzxd55477dpcs5', 1795407207623751, 'user', 'someone', 'someone', 'graph', 'graph.item.created', 'item', '01m839qq671efzxd55477dpcs4', '01m839qq671efzxd55477dpcs4', '', '', 'Created web_server shop-nginx', '{"id":"01m839qq671efzxd55477dpcs4","class":"web_server","name":"shop-nginx","state":"active","source":"document","after":{"listen":["127.0.0.1:18080"]}}', '', X'0F652AF3A37FA1924E514FF59B6F15E9F8FBF0EC684A569E264D94A61117E982');
INSERT INTO ledger_entry VALUES (5, '01m839qq6hcfcem3swsn0e0jaf', 1795407207623751, 'user', 'someone', 'someone', 'graph', 'graph.relation.changed', 'item', '01m839qq5zdrw8d564sebvy5kd', '01m839qq5zdrw8d564sebvy5kd', '["01m839qq671efzxd55477dpcs4"]', '', 'Relations of web-shop changed', '{"item":"01m839qq5zdrw8d564sebvy5kd","source":"document","added":[{"type":"depends_on","to":"01m839qq671efzxd55477dpcs4"}]}', '', X'19091FF43F4E54D61ACF9E6986571024EE623A2E5C37A4E933426B4706A616A5');
INSERT INTO ledger_entry VALUES (6, '01m839qqb91jjqqwdhv5wfm3sj', 1795407207785293, 'user', 'someone', 'someone', 'graph', 'graph.item.created', 'item', '01m839qqb91jjqqwdhv5wfm3sh', '01m839qqb91jjqqwdhv5wfm3sh', '', '', 'Created application_service shop-application', '{"id":"01m839qqb91jjqqwdhv5wfm3sh","class":"application_service","name":"shop-application","state":"active","source":"document","after":{"language":"Go","url":"http://127.0.0.1:18081/"}}', '', X'D2C70DB118FFDD5060FF42FAFF57BE023237D126C24DA3DABBC42F49C9F7E758');
INSERT INTO ledger_entry VALUES (7, '01m839qqb91jjqqwdhv5wfm3sk', 1795407207785293, 'user', 'someone', 'someone', 'graph', 'graph.relation.changed', 'item', '01m839qq671efzxd55477dpcs4', '01m839qq671efzxd55477dpcs4', '["01m839qqb91jjqqwdhv5wfm3sh"]', '', 'Relations of shop-nginx changed', '{"item":"01m839qq671efzxd55477dpcs4","source":"document","added":[{"type":"depends_on","to":"01m839qqb91jjqqwdhv5wfm3sh"}]}', '', X'7B42E375205C52F4CB5DD3ED9AA6C70D0650761C097ED2FDBF93402BCF8618E6');
INSERT INTO ledger_entry VALUES (8, '01m839qqbz6qyjsbrwxrz0s53p', 1795407207806944, 'user', 'someone', 'someone', 'graph', 'graph.item.created', 'item', '01m839qqbz6qyjsbrwxrz0s53n', '01m839qqbz6qyjsbrwxrz0s53n', '', '', 'Created database_server shop-database', '{"id":"01m839qqbz6qyjsbrwxrz0s53n","class":"database_server","name":"shop-database","state":"active","source":"document","after":{"engine":"postgresql","listen":["127.0.0.1:15432"]}}', '', X'FB0B852090520A0503C05AFB9C6E24261F45C60B9649F17D72277F2FE9F1E002');
INSERT INTO ledger_entry VALUES (9, '01m839qqbz6qyjsbrwxrz0s53q', 1795407207806944, 'user', 'someone', 'someone', 'graph', 'graph.relation.changed', 'item', '01m839qqb91jjqqwdhv5wfm3sh', '01m839qqb91jjqqwdhv5wfm3sh', '["01m839qqbz6qyjsbrwxrz0s53n"]', '', 'Relations of shop-application changed', '{"item":"01m839qqb91jjqqwdhv5wfm3sh","source":"document","added":[{"type":"depends_on","to":"01m839qqbz6qyjsbrwxrz0s53n"}]}', '', X'B362E87277F5B75742B4FD4368161549DE93B5173B9E40DCE9D09DDEFF4047E8');
INSERT INTO ledger_entry VALUES (10, '01m839qqc372mse74zbdra4b59', 1795407207811211, 'user', 'someone', 'someone', 'monitor', 'monitor.check.created', 'check', '01m839qqc372mse74zbdra4b58', '', '', '', 'check shop-database created', '', '', X'22F96027E16CA45E74C58565F79DDCD1391CD593ACBBFA405118394EE5C9D847');
INSERT INTO ledger_entry VALUES (11, '01m839qqc63p1kr5j9twmfawbb', 1795407207814568, 'user', 'someone', 'someone', 'monitor', 'monitor.check.created', 'check', '01m839qqc63p1kr5j9twmfawba', '', '', '', 'check shop-application created', '', '', X'2028EF8D6319A7EBAD6760878EDC13794DFF1BE03B4AF3FDD470EC809DA7FCBB');
INSERT INTO ledger_entry VALUES (12, '01m839qqcc5stp1xtz3eevd62m', 1795407207820857, 'user', 'someone', 'someone', 'monitor', 'monitor.check.created', 'check', '01m839qqcc5stp1xtz3eevd62k', '', '', '', 'check shop-nginx created', '', '', X'76E84E29BF9B82122F50192B979759E6BB322230A7F9E6F4482B194578ABF9E0');
INSERT INTO ledger_entry VALUES (13, '01m839qqcd7z7x3y5nwkjyz1zf', 1795407207821725, 'user', 'someone', 'someone', 'monitor', 'monitor.rule.created', 'metric-rule', '01m839qqcd7z7x3y5nwkjyz1ze', '', '', '', 'metric rule shop-slow created', '', '', X'D3555DBB2F2D1B1A9683F4E5693622F438C607DA580D448823F96C8A186D15D3');
INSERT INTO ledger_entry VALUES (14, '01m839qqe87qq4qzqtjeqcmqb7', 1795407207880920, 'user', 'someone', 'someone', 'jobs', 'jobs.runbook.changed', 'runbook', 'start-database', '', '', '', 'runbook start-database was changed', '{"concurrency":1,"steps":[{"id":"settle","name":"Let the consequences arrive","wait":{"duration":"8s"}},{"id":"start","name":"Start PostgreSQL","needs":["settle"],"repeatable":true,"shell":{"agent":"$item","script":"work=/var/lib/mainstay-three-tier\n[ -x \"$work/control\" ] || work=$HOME/.mainstay-three-tier\nexec \"$work/control\" start-database\n"},"timeout":"2m"}],"timeout":"3m","title":"Start PostgreSQL of the web shop"}', '', X'780E947E5A34C38365D62ED4919D1F7D308A675C055C60672AFB8A19CB58B684');
INSERT INTO ledger_entry VALUES (15, '01m839qqea6gkw6psresrnm1f3', 1795407207882933, 'user', 'someone', 'someone', 'jobs', 'jobs.runbook.changed', 'runbook', 'start-nginx', '', '', '', 'runbook start-nginx was changed', '{"concurrency":1,"steps":[{"id":"settle","name":"Let the consequences arrive","wait":{"duration":"8s"}},{"id":"start","name":"Start nginx","needs":["settle"],"repeatable":true,"shell":{"agent":"$item","script":"work=/var/lib/mainstay-three-tier\n[ -x \"$work/control\" ] || work=$HOME/.mainstay-three-tier\nexec \"$work/control\" start-nginx\n"},"timeout":"2m"}],"timeout":"3m","title":"Start nginx of the web shop"}', '', X'2D7184D7D1E6AD8BD6025C398083F276F41213E78769524E7545382A6FA21BB6');
INSERT INTO ledger_entry VALUES (16, '01m839qqed2tvb5q206jr62x1x', 1795407207885015, 'user', 'someone', 'someone', 'jobs', 'jobs.runbook.changed', 'runbook', 'start-application', '', '', '', 'runbook start-application was changed', '{"concurrency":1,"steps":[{"id":"settle","name":"Let the consequences arrive","wait":{"duration":"8s"}},{"id":"start","name":"Start the application","needs":["settle"],"repeatable":true,"shell":{"agent":"$item","script":"work=/var/lib/mainstay-three-tier\n[ -x \"$work/control\" ] || work=$HOME/.mainstay-three-tier\nexec \"$work/control\" start-application\n"},"timeout":"2m"}],"timeout":"3m","title":"Start the application of the web shop"}', '', X'69D828B31967BE3FE2F3BF6E753D23828C1982DB8420975BC7B9495740A9700A');
INSERT INTO ledger_entry VALUES (17, '01m839qqee0ffj1tjj2mxztk34', 1795407207886577, 'user', 'someone', 'someone', 'jobs', 'jobs.remediation.changed', 'remediation', 'heal-shop-database', '', '', '', 'remediation heal-shop-database was changed', '{"condition":"item.name == \"shop-database\" \u0026\u0026 situation.severity == \"critical\"","guards":{"blastRadius":10,"coolDown":"1m","maxAttempts":3},"mode":"automatic","on":"situation","runbook":"start-database","title":"Start PostgreSQL when it is the cause","verify":{"within":"1m"}}', '', X'AD826F14DE4423D2FBF1F445AD5A3EA1109544D03731AB7986B60C4192A95131');
INSERT INTO ledger_entry VALUES (18, '01m839qqee0ffj1tjj2mxztk35', 1795407207886989, 'user', 'someone', 'someone', 'jobs', 'jobs.remediation.changed', 'remediation', 'heal-shop-nginx', '', '', '', 'remediation heal-shop-nginx was changed', '{"condition":"item.name == \"shop-nginx\" \u0026\u0026 situation.severity == \"critical\"","guards":{"blastRadius":10,"coolDown":"1m","maxAttempts":3},"mode":"automatic","on":"situation","runbook":"start-nginx","title":"Start nginx when it is the cause","verify":{"within":"1m"}}', '', X'CBFDBDEDF2533710CE4277C86CC5CE3E827F31787A42A13FC151992CB1E3E383');
INSERT INTO ledger_entry VALUES (19, '01m839qqef617wn1vm4wtayy9v', 1795407207887406, 'user', 'someone', 'someone', 'jobs', 'jobs.remediation.changed', 'remediation', 'heal-shop-application', '', '', '', 'remediation heal-shop-application was changed', '{"condition":"item.name == \"shop-application\" \u0026\u0026 situation.severity == \"critical\"","guards":{"blastRadius":10,"coolDown":"1m","maxAttempts":3},"mode":"approval","on":"situation","runbook":"start-application","title":"Start the application when it is the cause","verify":{"within":"1m"}}', '', X'51F21AF6717CB42103AC4E9471C900D18BC372387DE01C19DC9EEFA4907EC3DF');
INSERT INTO ledger_entry VALUES (20, '01m839qqf1ftn97t8952q43yx7', 1795407207905920, 'user', 'someone', 'someone', 'auth', 'auth.team.created', 'team', '01m839qqf1ftn97t8952q43yx6', '', '', '', 'created the team web', '{"name":"web","description":"who keeps the shop"}', '', X'35C79BD405F2338F34BA5F49BA8A6EE95341736A142E13FBD8F67759F743AE3B');
INSERT INTO ledger_entry VALUES (21, '01m839qqkcdv3w45wxfb9sq1zp', 1795407208044269, 'user', 'someone', 'someone', 'auth', 'auth.user.created', 'user', '01m839qqf3a5j9aw8ktkg0ky0n', '', '', '', 'created the user ann', '{"grants":[{"role":"operator"}],"kind":"user","username":"ann"}', '', X'F2FF3AEC99AF7D3B8F47C5BA80F2F2482F0C263BC43F8C0D6033BD78759F98D7');
INSERT INTO ledger_entry VALUES (22, '01m839qqkdcyy7eafkdvd5jh9x', 1795407208045395, 'system', 'events', 'events', 'events', 'events.alert.opened', 'alert', '01m839qqkdcyy7eafkdvd5jh9w', '01m839qqbz6qyjsbrwxrz0s53n', '', '', 'The disk is full', '{"id":"01m839qqkdcyy7eafkdvd5jh9w","key":"disk","severity":"major","title":"The disk is full","item":"01m839qqbz6qyjsbrwxrz0s53n","source":"test","labels":{"disk":"sda1"},"state":"open","openedAt":"2026-11-23T04:13:28.044952Z"}', '', X'592122A168E42EC8FAE11F8582F5954B242A7CDC74619683F5AF5323A89A1A6B');
INSERT INTO ledger_entry VALUES (23, '01m839qqkdcyy7eafkdvd5jh9z', 1795407208045409, 'system', 'events', 'events', 'events', 'events.alert.opened', 'alert', '01m839qqkdcyy7eafkdvd5jh9y', '', '', '', 'A page is slow', '{"id":"01m839qqkdcyy7eafkdvd5jh9y","key":"gone","severity":"warning","title":"A page is slow","source":"test","state":"open","openedAt":"2026-11-23T04:13:28.044952Z"}', '', X'BFAB91DF71570EF2E065DBD0824C6A0E1AD0EA41073F319994031C41FFD64112');
INSERT INTO ledger_entry VALUES (24, '01m839qqkdcyy7eafkdvd5jha0', 1795407208045418, 'system', 'events', 'events', 'events', 'events.alert.cleared', 'alert', '01m839qqkdcyy7eafkdvd5jh9y', '', '', '', 'A page is slow: The sender cleared it.', '{"id":"01m839qqkdcyy7eafkdvd5jh9y","key":"gone","severity":"warning","title":"A page is slow","source":"test","state":"cleared","openedAt":"2026-11-23T04:13:28.044952Z","why":"The sender cleared it."}', '', X'4663E8A38C0A562B1AB74D5074657375133068D00EA4E7457C4B646A380570D3');
INSERT INTO ledger_entry VALUES (25, '01m839qqkf56nrqswqxgkwj11x', 1795407208047547, 'system', 'events', 'events', 'events', 'events.situation.opened', 'situation', '01m839qqke87m01p7sjahk8zxq', '01m839qqbz6qyjsbrwxrz0s53n', '["01m839qqbz6qyjsbrwxrz0s53n"]', '', 'Situation opened: The disk is full', '{"id":"01m839qqke87m01p7sjahk8zxq","title":"The disk is full","severity":"major","state":"open","rootCause":{"item":"01m839qqbz6qyjsbrwxrz0s53n","alert":"01m839qqkdcyy7eafkdvd5jh9w","name":"shop-database","confidence":0.9,"reasons":["shop-database fails (major), and needs nothing else that fails.","Less than a second before it failed: Relations of shop-application changed."]},"alerts":["01m839qqkdcyy7eafkdvd5jh9w"],"items":["01m839qqbz6qyjsbrwxrz0s53n"],"checks":[],"services":[{"id":"01m839qqb91jjqqwdhv5wfm3sh","name":"shop-application"},{"id":"01m839qq5zdrw8d564sebvy5kd","name":"web-shop"}],"alertCount":1,"itemCount":1,"openedAt":"2026-11-23T04:13:28.046372255Z","why":"\"The disk is full\" began, and nothing connected to it was failing."}', '01m839qqkdcyy7eafkdvd5jh9x', X'3322DF761BB86FFC9433DEE5CF61BBA212C6C300CADF917E27738245951E13EC');
INSERT INTO ledger_entry VALUES (26, '01m839qqkhfnnp8vf90577v6gn', 1795407208048647, 'system', 'desk', 'desk', 'desk', 'desk.incident.opened', 'incident', '01m839qqkgb3emjgkj9as6xs2m', '01m839qqbz6qyjsbrwxrz0s53n', '["01m839qqbz6qyjsbrwxrz0s53n"]', '', 'INC-000001 opened: The disk is full', '{"assignee":"","id":"01m839qqkgb3emjgkj9as6xs2m","item":"01m839qqbz6qyjsbrwxrz0s53n","number":"INC-000001","priority":"P3","requester":"","services":["01m839qqb91jjqqwdhv5wfm3sh","01m839qq5zdrw8d564sebvy5kd"],"severity":"major","situation":"01m839qqke87m01p7sjahk8zxq","state":"new","team":"","title":"The disk is full"}', '01m839qqkf56nrqswqxgkwj11x', X'B388DAE4AD10B58C76A83D1C488B2AE90E79C8B895121A00862D652B79E3C9F6');
INSERT INTO ledger_entry VALUES (27, '01m839qqkjetshr76yjazf2d6f', 1795407208050107, 'user', 'someone', 'someone', 'agents', 'agents.enrolment.created', 'enrolment', '01m839qqkgb3emjgkj9as6xs2n', '', '', '', 'enrolment token web1 created', '{"id":"01m839qqkgb3emjgkj9as6xs2n","name":"web1","state":"open","createdBy":"someone","createdAt":"2026-11-23T04:13:28.048937223Z","expiresAt":"2026-11-24T04:13:28.048937223Z"}', '', X'1DA82A4E610438286A2FDEDC6D4ECC72965E653B7B2E3A611BA51E8D9A8A14F0');
INSERT INTO ledger_entry VALUES (28, '01m839qqkn8x1g2d64te5e3gz7', 1795407208053218, 'user', 'someone', 'someone', 'desk', 'desk.incident.commented', 'incident', '01m839qqkgb3emjgkj9as6xs2m', '01m839qqbz6qyjsbrwxrz0s53n', '["01m839qqbz6qyjsbrwxrz0s53n"]', '', 'INC-000001 commented by someone', '{"assignee":"","id":"01m839qqkgb3emjgkj9as6xs2m","item":"01m839qqbz6qyjsbrwxrz0s53n","number":"INC-000001","priority":"P3","requester":"","services":["01m839qqb91jjqqwdhv5wfm3sh","01m839qq5zdrw8d564sebvy5kd"],"severity":"major","situation":"01m839qqke87m01p7sjahk8zxq","state":"new","team":"","title":"The disk is full"}', '', X'C238B0756FDD05BE15828252CD42DF0769C5AEE477FF257B5D2DF903D00697E1');
INSERT INTO ledger_item VALUES ('01m839qq5y8644bphqw3qb4cb1', 2);
INSERT INTO ledger_item VALUES ('01m839qq5zdrw8d564sebvy5kd', 3);
INSERT INTO ledger_item VALUES ('01m839qq671efzxd55477dpcs4', 4);
INSERT INTO ledger_item VALUES ('01m839qq5zdrw8d564sebvy5kd', 5);
INSERT INTO ledger_item VALUES ('01m839qq671efzxd55477dpcs4', 5);
INSERT INTO ledger_item VALUES ('01m839qqb91jjqqwdhv5wfm3sh', 6);
INSERT INTO ledger_item VALUES ('01m839qq671efzxd55477dpcs4', 7);
INSERT INTO ledger_item VALUES ('01m839qqb91jjqqwdhv5wfm3sh', 7);
INSERT INTO ledger_item VALUES ('01m839qqbz6qyjsbrwxrz0s53n', 8);
INSERT INTO ledger_item VALUES ('01m839qqb91jjqqwdhv5wfm3sh', 9);
INSERT INTO ledger_item VALUES ('01m839qqbz6qyjsbrwxrz0s53n', 9);
INSERT INTO ledger_item VALUES ('01m839qqbz6qyjsbrwxrz0s53n', 22);
INSERT INTO ledger_item VALUES ('01m839qqbz6qyjsbrwxrz0s53n', 25);
INSERT INTO ledger_item VALUES ('01m839qqbz6qyjsbrwxrz0s53n', 26);
INSERT INTO ledger_item VALUES ('01m839qqbz6qyjsbrwxrz0s53n', 28);
INSERT INTO ledger_cursor VALUES ('events.correlation', 24, 1795407208046343);
INSERT INTO ledger_cursor VALUES ('events.binding', 9, 1795407207854953);
INSERT INTO ledger_cursor VALUES ('desk', 25, 1795407208048474);
INSERT INTO ledger_cursor VALUES ('jobs.remediation', 25, 1795407208050366);
INSERT INTO schema_tasks VALUES (1, 0, 1, '2026-11-23 04:13:27');
INSERT INTO schema_tasks VALUES (2, 1, 1, '2026-11-23 04:13:27');
INSERT INTO tasks_task VALUES ('01m839qq5w4gebbyyhg43zrpp4', 'jobs-runs', 'jobs.purge', 'purge', 'delayed', 0, 0, 1795410807808265, 1, 0, -1, '', 0, 1795407207612244, 1795407207616285, '', 'null');
INSERT INTO schema_httpapi VALUES (1, 0, 1, '2026-11-23 04:13:27');
INSERT INTO schema_httpapi VALUES (2, 1, 1, '2026-11-23 04:13:27');
INSERT INTO schema_secrets VALUES (1, 0, 1, '2026-11-23 04:13:27');
INSERT INTO schema_secrets VALUES (2, 1, 1, '2026-11-23 04:13:27');
INSERT INTO secrets_key VALUES (1, '');
INSERT INTO schema_identity VALUES (1, 0, 1, '2026-11-23 04:13:27');
INSERT INTO schema_identity VALUES (2, 1, 1, '2026-11-23 04:13:27');
INSERT INTO auth_user VALUES ('01m839qq5h31d4axc1r6v3e4t6', 'user', 'admin', 'Administrator', '', 1, '$argon2id$v=19$m=19456,t=2,p=1$U4i9pc26YzLwi3f+xDarCg$IrLQcQskHQv05i+W/HO1CyGDBo+3TDQ/RW+eqI3/aVc', 1795407207601131, 0, 0, '', '', 1795407207601131, 1795407207601131, 0, 1);
INSERT INTO auth_user VALUES ('01m839qqf3a5j9aw8ktkg0ky0n', 'user', 'ann', 'Ann', '', 1, '$argon2id$v=19$m=19456,t=2,p=1$GQrgwtBY2pKY/EsovAKd7A$lcWvPMQ9+ZWxcOiNG8kd01xgHyxAzolEGCGTeuBfeAk', 1795407207907230, 0, 0, '', '', 1795407207907230, 1795407207907230, 0, 1);
INSERT INTO auth_team VALUES ('01m839qqf1ftn97t8952q43yx6', 'web', 'who keeps the shop', 1795407207905155, 1795407207905155);
INSERT INTO auth_grant VALUES ('01m839qq5h31d4axc1r6v3e4t6', 'administrator', '', 'local');
INSERT INTO auth_grant VALUES ('01m839qqf3a5j9aw8ktkg0ky0n', 'operator', '', 'local');
INSERT INTO schema_agents VALUES (1, 0, 1, '2026-11-23 04:13:27');
INSERT INTO schema_agents VALUES (2, 1, 1, '2026-11-23 04:13:27');
INSERT INTO agents_enrolment VALUES ('01m839qqkgb3emjgkj9as6xs2n', 'ce2130054181ef7e439fb0d69363a6f7bf7e503bfe4e1a32d2b8014975da97b5', 'web1', '', 'someone', 1795407208048937, 1795493608048937, 0, 0, '');
INSERT INTO schema_graph VALUES (1, 0, 1, '2026-11-23 04:13:27');
INSERT INTO schema_graph VALUES (2, 1, 1, '2026-11-23 04:13:27');
INSERT INTO graph_version VALUES (1, 5, 0, 1795407207806944);
INSERT INTO graph_definition VALUES ('item', 'shop-host', '{"class":"host"}');
INSERT INTO graph_definition VALUES ('item', 'web-shop', '{"attributes":{"owner":"Sales","serviceHours":"always","url":"http://127.0.0.1:18080/"},"class":"business_service","relations":[{"to":{"kind":"declared","value":"shop-nginx"},"type":"depends_on"}]}');
INSERT INTO graph_definition VALUES ('item', 'shop-nginx', '{"attributes":{"listen":["127.0.0.1:18080"]},"class":"web_server","relations":[{"to":{"kind":"declared","value":"shop-application"},"type":"depends_on"},{"to":{"kind":"declared","value":"shop-host"},"type":"runs_on"}]}');
INSERT INTO graph_definition VALUES ('item', 'shop-application', '{"attributes":{"language":"Go","url":"http://127.0.0.1:18081/"},"class":"application_service","relations":[{"to":{"kind":"declared","value":"shop-database"},"type":"depends_on"},{"to":{"kind":"declared","value":"shop-host"},"type":"runs_on"}]}');
INSERT INTO graph_definition VALUES ('item', 'shop-database', '{"attributes":{"engine":"postgresql","listen":["127.0.0.1:15432"]},"class":"database_server","relations":[{"to":{"kind":"declared","value":"shop-host"},"type":"runs_on"}]}');
INSERT INTO graph_item VALUES ('01m839qq5y8644bphqw3qb4cb1', 'host', 'shop-host', 'active', '', '', 0, '{}', '', '', 'document', 1, 1795407207613994, 1795407207613994, 0, 1);
INSERT INTO graph_item VALUES ('01m839qq5zdrw8d564sebvy5kd', 'business_service', 'web-shop', 'active', '', '', 0, '{"owner":"Sales","serviceHours":"always","url":"http://127.0.0.1:18080/"}', '', '', 'document', 1, 1795407207615441, 1795407207615441, 0, 2);
INSERT INTO graph_item VALUES ('01m839qq671efzxd55477dpcs4', 'web_server', 'shop-nginx', 'active', '', '', 0, '{"listen":["127.0.0.1:18080"]}', '', '', 'document', 1, 1795407207623751, 1795407207623751, 0, 3);
INSERT INTO graph_item VALUES ('01m839qqb91jjqqwdhv5wfm3sh', 'application_service', 'shop-application', 'active', '', '', 0, '{"language":"Go","url":"http://127.0.0.1:18081/"}', '', '', 'document', 1, 1795407207785293, 1795407207785293, 0, 4);
INSERT INTO graph_item VALUES ('01m839qqbz6qyjsbrwxrz0s53n', 'database_server', 'shop-database', 'active', '', '', 0, '{"engine":"postgresql","listen":["127.0.0.1:15432"]}', '', '', 'document', 1, 1795407207806944, 1795407207806944, 0, 5);
INSERT INTO graph_observation VALUES ('B3KyU2_1yVd35CJrm2Ta3Q', '01m839qq671efzxd55477dpcs4', 'document', 'Item/shop-nginx', 'web_server', 'shop-nginx', '', '["declared","shop-nginx","name","shop-nginx"]', '{"listen":["127.0.0.1:18080"]}', '', 'dMYj0Qzk1nd0Crp2ULJ22g', 1795407207623751, 1795407207623751, 0);
INSERT INTO graph_observation VALUES ('GQ1WKEMpiZ71G-yAKykK1g', '01m839qq5y8644bphqw3qb4cb1', 'document', 'Item/shop-host', 'host', 'shop-host', '', '["declared","shop-host","name","shop-host"]', '{}', '', 'h9Hs_f5SCS6fjIN3o8v7mA', 1795407207613994, 1795407207613994, 0);
INSERT INTO graph_observation VALUES ('KszmxSUecRGsgskZHcziBw', '01m839qqb91jjqqwdhv5wfm3sh', 'document', 'Item/shop-application', 'application_service', 'shop-application', '', '["declared","shop-application","name","shop-application"]', '{"language":"Go","url":"http://127.0.0.1:18081/"}', '', 'TPXRD075VeyedribldLy5Q', 1795407207785293, 1795407207785293, 0);
INSERT INTO graph_observation VALUES ('fLVB4PeJOmvanvUIzpjjyw', '01m839qqbz6qyjsbrwxrz0s53n', 'document', 'Item/shop-database', 'database_server', 'shop-database', '', '["declared","shop-database","name","shop-database"]', '{"engine":"postgresql","listen":["127.0.0.1:15432"]}', '', 'R9GULjcMq6EYiNp8w3CYbg', 1795407207806944, 1795407207806944, 0);
INSERT INTO graph_observation VALUES ('rU0ReAoB23JwuizEASQAOQ', '01m839qq5zdrw8d564sebvy5kd', 'document', 'Item/web-shop', 'business_service', 'web-shop', '', '["declared","web-shop","name","web-shop"]', '{"owner":"Sales","serviceHours":"always","url":"http://127.0.0.1:18080/"}', '', 'RBO_okVlbvgUjhC9MA7BbQ', 1795407207615441, 1795407207615441, 0);
INSERT INTO graph_identity VALUES ('declared', 'shop-application', '01m839qqb91jjqqwdhv5wfm3sh', 'application');
INSERT INTO graph_identity VALUES ('declared', 'shop-database', '01m839qqbz6qyjsbrwxrz0s53n', 'service');
INSERT INTO graph_identity VALUES ('declared', 'shop-host', '01m839qq5y8644bphqw3qb4cb1', 'device');
INSERT INTO graph_identity VALUES ('declared', 'shop-nginx', '01m839qq671efzxd55477dpcs4', 'service');
INSERT INTO graph_identity VALUES ('declared', 'web-shop', '01m839qq5zdrw8d564sebvy5kd', 'business_service');
INSERT INTO graph_identity VALUES ('name', 'shop-application', '01m839qqb91jjqqwdhv5wfm3sh', 'application');
INSERT INTO graph_identity VALUES ('name', 'shop-database', '01m839qqbz6qyjsbrwxrz0s53n', 'service');
INSERT INTO graph_identity VALUES ('name', 'shop-host', '01m839qq5y8644bphqw3qb4cb1', 'device');
INSERT INTO graph_identity VALUES ('name', 'shop-nginx', '01m839qq671efzxd55477dpcs4', 'service');
INSERT INTO graph_identity VALUES ('name', 'web-shop', '01m839qq5zdrw8d564sebvy5kd', 'business_service');
INSERT INTO graph_relation VALUES ('01m839qq5zdrw8d564sebvy5kd', 'depends_on', '01m839qq671efzxd55477dpcs4', 1795407207623751, 4611686018427387904, '', '', 'document|Item/web-shop', 3);
INSERT INTO graph_relation VALUES ('01m839qq671efzxd55477dpcs4', 'depends_on', '01m839qqb91jjqqwdhv5wfm3sh', 1795407207785293, 4611686018427387904, '', '', 'document|Item/shop-nginx', 4);
INSERT INTO graph_relation VALUES ('01m839qq671efzxd55477dpcs4', 'runs_on', '01m839qq5y8644bphqw3qb4cb1', 1795407207623751, 4611686018427387904, '', '', 'document|Item/shop-nginx', 3);
INSERT INTO graph_relation VALUES ('01m839qqb91jjqqwdhv5wfm3sh', 'depends_on', '01m839qqbz6qyjsbrwxrz0s53n', 1795407207806944, 4611686018427387904, '', '', 'document|Item/shop-application', 5);
INSERT INTO graph_relation VALUES ('01m839qqb91jjqqwdhv5wfm3sh', 'runs_on', '01m839qq5y8644bphqw3qb4cb1', 1795407207785293, 4611686018427387904, '', '', 'document|Item/shop-application', 4);
INSERT INTO graph_relation VALUES ('01m839qqbz6qyjsbrwxrz0s53n', 'runs_on', '01m839qq5y8644bphqw3qb4cb1', 1795407207806944, 4611686018427387904, '', '', 'document|Item/shop-database', 5);
INSERT INTO graph_report VALUES ('8KKbQx_CiixqIeKp5gyqog', 'document', 'Item/shop-host', 1795407207613994, '01m839qq5y8644bphqw3qb4cb1');
INSERT INTO graph_report VALUES ('eZWo95geJA267ZgTJlqaKw', 'document', 'Item/shop-database', 1795407207806944, '01m839qqbz6qyjsbrwxrz0s53n');
INSERT INTO schema_monitor VALUES (1, 0, 1, '2026-11-23 04:13:27');
INSERT INTO schema_monitor VALUES (2, 1, 1, '2026-11-23 04:13:27');
INSERT INTO monitor_check VALUES ('01m839qqc372mse74zbdra4b58', 'shop-database', 'tcp', '', 0, '{"description":"PostgreSQL takes connections","identities":[{"kind":"declared","value":"shop-database"}],"timeout":"2s","tcp":{"address":"127.0.0.1:15432"},"interval":"2s","retries":1,"retryInterval":"1s","runOn":"agent"}', 1, 1795407207811146, 1795407207811146);
INSERT INTO monitor_check VALUES ('01m839qqc63p1kr5j9twmfawba', 'shop-application', 'http', '', 0, '{"description":"The application shows its products","identities":[{"kind":"declared","value":"shop-application"}],"timeout":"5s","http":{"url":"http://127.0.0.1:18081/","status":["200"],"match":"Rocket skates"},"interval":"2s","retries":2,"retryInterval":"1s","runOn":"agent"}', 1, 1795407207814547, 1795407207814547);
INSERT INTO monitor_check VALUES ('01m839qqcc5stp1xtz3eevd62k', 'shop-nginx', 'http', '', 0, '{"description":"Customers see the shop","identities":[{"kind":"declared","value":"shop-nginx"}],"timeout":"8s","http":{"url":"http://127.0.0.1:18080/","status":["200"],"match":"Web shop","latency":{"warning":"1s","critical":"5s"}},"interval":"2s","retries":3,"retryInterval":"1s","runOn":"agent"}', 1, 1795407207820833, 1795407207820833);
INSERT INTO monitor_target VALUES ('01m839qqc372mse74zbdra4b58', '01m839qqc372mse74zbdra4b58', '01m839qqbz6qyjsbrwxrz0s53n', 'pending', 0, 0, 0, 0, 0, '', '{}');
INSERT INTO monitor_target VALUES ('01m839qqc63p1kr5j9twmfawba', '01m839qqc63p1kr5j9twmfawba', '01m839qqb91jjqqwdhv5wfm3sh', 'pending', 0, 0, 0, 0, 0, '', '{}');
INSERT INTO monitor_target VALUES ('01m839qqcc5stp1xtz3eevd62k', '01m839qqcc5stp1xtz3eevd62k', '01m839qq671efzxd55477dpcs4', 'pending', 0, 0, 0, 0, 0, '', '{}');
INSERT INTO monitor_rule VALUES ('01m839qqcd7z7x3y5nwkjyz1ze', 'shop-slow', '', 0, '{"description":"The shop answers, but customers wait","expr":"avg_over_time(mainstay_check_duration_seconds{check=\"shop-nginx\"}[2m]) \u003e 1","for":"1m","interval":"15s","severity":"minor","title":"The web shop needs {{ $value | humanizeDuration }} for a page"}', 1, 1795407207821648, 1795407207821648);
INSERT INTO schema_events VALUES (1, 0, 1, '2026-11-23 04:13:27');
INSERT INTO schema_events VALUES (2, 1, 1, '2026-11-23 04:13:27');
INSERT INTO events_event VALUES ('01m839qqkdcyy7eafkdvd5jha1', 1795407208044952, 'test', 'problem', 4, 'disk', 'The disk is full', '', '01m839qqbz6qyjsbrwxrz0s53n', '01m839qqkdcyy7eafkdvd5jh9w', 'opened', '{"disk":"sda1"}');
INSERT INTO events_event VALUES ('01m839qqkdcyy7eafkdvd5jha2', 1795407208044952, 'test', 'problem', 2, 'gone', 'A page is slow', '', '', '01m839qqkdcyy7eafkdvd5jh9y', 'opened', '');
INSERT INTO events_event VALUES ('01m839qqkdcyy7eafkdvd5jha3', 1795407208044952, 'test', 'clear', 0, 'gone', 'A page is fast', '', '', '01m839qqkdcyy7eafkdvd5jh9y', 'cleared', '');
INSERT INTO events_alert VALUES ('01m839qqkdcyy7eafkdvd5jh9w', 'disk', 1, 'test', 'The disk is full', '', '01m839qqbz6qyjsbrwxrz0s53n', '', '', '', '', '{"disk":"sda1"}', '', '', 1, 1, 'open', 4, 4, 1795407208044952, 1795407208044952, 1795407208044952, 0, 1795407208045094, 1795493608044952, 1795493608044952, 1, 1, '1795407208044952', 0, '', '', 0, 0, '', '', '', '', '01m839qqke87m01p7sjahk8zxq', 0);
INSERT INTO events_alert VALUES ('01m839qqkdcyy7eafkdvd5jh9y', 'gone', 1, 'test', 'A page is slow', '', '', '', '', '', '', '', '', '', 0, 0, 'cleared', 2, 2, 1795407208044952, 1795407208044952, 1795407208044952, 1795407208044952, 1795407208045095, 0, 0, 1, 1, '1795407208044952,1795407208044952', 0, '', '', 0, 0, '', '', '', '', '', 0);
INSERT INTO events_situation VALUES ('01m839qqke87m01p7sjahk8zxq', 'open', '', 'The disk is full', 4, '', 1795407208046372, 0, 0, 1795407208046372, 0, '01m839qqbz6qyjsbrwxrz0s53n', '01m839qqkdcyy7eafkdvd5jh9w', 'shop-database', 0.9, '', '', '[{"item":"01m839qqbz6qyjsbrwxrz0s53n","alert":"01m839qqkdcyy7eafkdvd5jh9w","name":"shop-database","confidence":0.9,"reasons":[{"text":"shop-database fails (major), and needs nothing else that fails.","refs":[{"kind":"item","id":"01m839qqbz6qyjsbrwxrz0s53n"},{"kind":"alert","id":"01m839qqkdcyy7eafkdvd5jh9w"}]},{"text":"Less than a second before it failed: Relations of shop-application changed.","refs":[{"kind":"entry","id":"01m839qqbz6qyjsbrwxrz0s53q"},{"kind":"item","id":"01m839qqbz6qyjsbrwxrz0s53n"}]}],"changes":["01m839qqbz6qyjsbrwxrz0s53q"]}]', '[{"id":"01m839qqb91jjqqwdhv5wfm3sh","name":"shop-application"},{"id":"01m839qq5zdrw8d564sebvy5kd","name":"web-shop"}]', 1, 1, 1, '', 0);
INSERT INTO events_member VALUES ('01m839qqke87m01p7sjahk8zxq', '01m839qqkdcyy7eafkdvd5jh9w', 1795407208046372, 0, 'It opened the situation.');
INSERT INTO events_note VALUES ('01m839qqkf56nrqswqxgkwj11w', '01m839qqke87m01p7sjahk8zxq', 1795407208046372, 'opened', '', '01m839qqkdcyy7eafkdvd5jh9w', '"The disk is full" began, and nothing connected to it was failing.');
INSERT INTO events_correlator VALUES (1, '01m839qqke87m01p7sjahk8zxp');
INSERT INTO schema_desk VALUES (1, 0, 1, '2026-11-23 04:13:27');
INSERT INTO schema_desk VALUES (2, 1, 1, '2026-11-23 04:13:27');
INSERT INTO desk_sequence VALUES ('incident', 1);
INSERT INTO desk_incident VALUES ('01m839qqkgb3emjgkj9as6xs2m', 1, 'The disk is full', '', 'new', 4, 'medium', 'medium', 'P3', 0, '01m839qqke87m01p7sjahk8zxq', '01m839qqbz6qyjsbrwxrz0s53n', '[{"id":"01m839qqb91jjqqwdhv5wfm3sh","name":"shop-application"},{"id":"01m839qq5zdrw8d564sebvy5kd","name":"web-shop"}]', '[]', '', '', '', '', '', 0, 1795407208048647, 1795407208053218, 0, 0, 0, '01m839qqkf56nrqswqxgkwj11x', 2);
INSERT INTO desk_incident_item VALUES ('01m839qqkgb3emjgkj9as6xs2m', '01m839qqbz6qyjsbrwxrz0s53n');
INSERT INTO desk_clock VALUES ('01m839qqkgb3emjgkj9as6xs2m', 'response', 'running', 'standard', 'always', 14400000000000, 0, 1795407208048647, 1795418008048647, 1795421608048647, 0, 0, 1795418008048647);
INSERT INTO desk_clock VALUES ('01m839qqkgb3emjgkj9as6xs2m', 'resolution', 'running', 'standard', 'always', 86400000000000, 0, 1795407208048647, 1795472008048647, 1795493608048647, 0, 0, 1795472008048647);
INSERT INTO desk_comment VALUES ('01m839qqkn8x1g2d64te5e3gz6', '01m839qqkgb3emjgkj9as6xs2m', 1795407208053218, 'user', 'someone', 'someone', 0, 'looked at it');
INSERT INTO desk_timeline VALUES ('01m839qqkhfnnp8vf90577v6gp', '01m839qqkgb3emjgkj9as6xs2m', 1795407208048647, 'opened', 'system', 'desk', 'desk', 1, 'Opened with priority P3', '', '', '', '01m839qqkf56nrqswqxgkwj11x');
INSERT INTO desk_timeline VALUES ('01m839qqkn8x1g2d64te5e3gz8', '01m839qqkgb3emjgkj9as6xs2m', 1795407208053218, 'comment', 'user', 'someone', 'someone', 0, 'looked at it', '', 'comment', '01m839qqkn8x1g2d64te5e3gz6', '');
INSERT INTO desk_document VALUES ('Calendar', 'always', '{"timeZone":"UTC","week":{"friday":["00:00-24:00"],"monday":["00:00-24:00"],"saturday":["00:00-24:00"],"sunday":["00:00-24:00"],"thursday":["00:00-24:00"],"tuesday":["00:00-24:00"],"wednesday":["00:00-24:00"]}}');
INSERT INTO desk_document VALUES ('ServiceLevel', 'standard', '{"order":1000,"calendar":"always","pauseOnHold":true,"warnAt":75,"targets":{"P1":{"response":"15m","resolution":"4h"},"P2":{"response":"30m","resolution":"8h"},"P3":{"response":"4h","resolution":"24h"},"P4":{"response":"8h","resolution":"72h"},"P5":{"response":"24h","resolution":"168h"}}}');
INSERT INTO schema_jobs VALUES (1, 0, 1, '2026-11-23 04:13:27');
INSERT INTO schema_jobs VALUES (2, 1, 1, '2026-11-23 04:13:27');
INSERT INTO jobs_runbook VALUES ('start-database', 'Start PostgreSQL of the web shop', '', '{"concurrency":1,"steps":[{"id":"settle","name":"Let the consequences arrive","wait":{"duration":"8s"}},{"id":"start","name":"Start PostgreSQL","needs":["settle"],"repeatable":true,"shell":{"agent":"$item","script":"work=/var/lib/mainstay-three-tier\n[ -x \"$work/control\" ] || work=$HOME/.mainstay-three-tier\nexec \"$work/control\" start-database\n"},"timeout":"2m"}],"timeout":"3m","title":"Start PostgreSQL of the web shop"}', 1795407207880760, 1795407207880760);
INSERT INTO jobs_runbook VALUES ('start-nginx', 'Start nginx of the web shop', '', '{"concurrency":1,"steps":[{"id":"settle","name":"Let the consequences arrive","wait":{"duration":"8s"}},{"id":"start","name":"Start nginx","needs":["settle"],"repeatable":true,"shell":{"agent":"$item","script":"work=/var/lib/mainstay-three-tier\n[ -x \"$work/control\" ] || work=$HOME/.mainstay-three-tier\nexec \"$work/control\" start-nginx\n"},"timeout":"2m"}],"timeout":"3m","title":"Start nginx of the web shop"}', 1795407207882905, 1795407207882905);
INSERT INTO jobs_runbook VALUES ('start-application', 'Start the application of the web shop', '', '{"concurrency":1,"steps":[{"id":"settle","name":"Let the consequences arrive","wait":{"duration":"8s"}},{"id":"start","name":"Start the application","needs":["settle"],"repeatable":true,"shell":{"agent":"$item","script":"work=/var/lib/mainstay-three-tier\n[ -x \"$work/control\" ] || work=$HOME/.mainstay-three-tier\nexec \"$work/control\" start-application\n"},"timeout":"2m"}],"timeout":"3m","title":"Start the application of the web shop"}', 1795407207884999, 1795407207884999);
INSERT INTO jobs_remediation VALUES ('heal-shop-database', 1, '', 'start-database', '{"condition":"item.name == \"shop-database\" \u0026\u0026 situation.severity == \"critical\"","guards":{"blastRadius":10,"coolDown":"1m","maxAttempts":3},"mode":"automatic","on":"situation","runbook":"start-database","title":"Start PostgreSQL when it is the cause","verify":{"within":"1m"}}', 1795407207886505, 1795407207886505);
INSERT INTO jobs_remediation VALUES ('heal-shop-nginx', 1, '', 'start-nginx', '{"condition":"item.name == \"shop-nginx\" \u0026\u0026 situation.severity == \"critical\"","guards":{"blastRadius":10,"coolDown":"1m","maxAttempts":3},"mode":"automatic","on":"situation","runbook":"start-nginx","title":"Start nginx when it is the cause","verify":{"within":"1m"}}', 1795407207886977, 1795407207886977);
INSERT INTO jobs_remediation VALUES ('heal-shop-application', 1, '', 'start-application', '{"condition":"item.name == \"shop-application\" \u0026\u0026 situation.severity == \"critical\"","guards":{"blastRadius":10,"coolDown":"1m","maxAttempts":3},"mode":"approval","on":"situation","runbook":"start-application","title":"Start the application when it is the cause","verify":{"within":"1m"}}', 1795407207887391, 1795407207887391);
INSERT INTO jobs_subject VALUES ('situation', '01m839qqke87m01p7sjahk8zxq', '01m839qqkf56nrqswqxgkwj11x', '01m839qqbz6qyjsbrwxrz0s53n', '{"id":"01m839qqke87m01p7sjahk8zxq","title":"The disk is full","severity":"major","state":"open","rootCause":{"item":"01m839qqbz6qyjsbrwxrz0s53n","alert":"01m839qqkdcyy7eafkdvd5jh9w","name":"shop-database","confidence":0.9,"reasons":["shop-database fails (major), and needs nothing else that fails.","Less than a second before it failed: Relations of shop-application changed."]},"alerts":["01m839qqkdcyy7eafkdvd5jh9w"],"items":["01m839qqbz6qyjsbrwxrz0s53n"],"checks":[],"services":[{"id":"01m839qqb91jjqqwdhv5wfm3sh","name":"shop-application"},{"id":"01m839qq5zdrw8d564sebvy5kd","name":"web-shop"}],"alertCount":1,"itemCount":1,"openedAt":"2026-11-23T04:13:28.046372255Z","why":"\"The disk is full\" began, and nothing connected to it was failing."}', 1795407208050706);
