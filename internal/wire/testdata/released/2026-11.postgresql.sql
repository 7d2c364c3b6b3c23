CREATE TABLE agents_agent (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    nkey text NOT NULL COLLATE pg_catalog."C",
    team text NOT NULL COLLATE pg_catalog."C",
    hostname text NOT NULL COLLATE pg_catalog."C",
    os text NOT NULL COLLATE pg_catalog."C",
    arch text NOT NULL COLLATE pg_catalog."C",
    version text NOT NULL COLLATE pg_catalog."C",
    capabilities text NOT NULL COLLATE pg_catalog."C",
    policy text NOT NULL COLLATE pg_catalog."C",
    item text NOT NULL COLLATE pg_catalog."C",
    instance text NOT NULL COLLATE pg_catalog."C",
    resident boolean NOT NULL,
    connected boolean NOT NULL,
    enrolled_at bigint NOT NULL,
    changed_at bigint NOT NULL,
    seen_at bigint NOT NULL,
    queued bigint NOT NULL,
    dropped bigint NOT NULL,
    lag bigint NOT NULL
);
CREATE TABLE agents_enrolment (
    id text NOT NULL COLLATE pg_catalog."C",
    hash text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    team text NOT NULL COLLATE pg_catalog."C",
    created_by text NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint NOT NULL,
    revoked_at bigint NOT NULL,
    agent text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE auth_grant (
    user_id text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL COLLATE pg_catalog."C",
    team text NOT NULL COLLATE pg_catalog."C",
    source text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE auth_recovery (
    user_id text NOT NULL COLLATE pg_catalog."C",
    hash text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE auth_role (
    name text NOT NULL COLLATE pg_catalog."C",
    description text NOT NULL COLLATE pg_catalog."C",
    permissions text NOT NULL COLLATE pg_catalog."C",
    created bigint NOT NULL,
    changed bigint NOT NULL
);
CREATE TABLE auth_session (
    id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    hash text NOT NULL COLLATE pg_catalog."C",
    previous text NOT NULL COLLATE pg_catalog."C",
    created bigint NOT NULL,
    rotated bigint NOT NULL,
    seen bigint NOT NULL,
    expires bigint NOT NULL,
    address text NOT NULL COLLATE pg_catalog."C",
    agent text NOT NULL COLLATE pg_catalog."C",
    method text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE auth_setup (
    id bigint NOT NULL,
    hash text NOT NULL COLLATE pg_catalog."C",
    expires bigint NOT NULL
);
CREATE TABLE auth_team (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    description text NOT NULL COLLATE pg_catalog."C",
    created bigint NOT NULL,
    changed bigint NOT NULL
);
CREATE TABLE auth_token (
    id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    hash text NOT NULL COLLATE pg_catalog."C",
    hint text NOT NULL COLLATE pg_catalog."C",
    scopes text NOT NULL COLLATE pg_catalog."C",
    created bigint NOT NULL,
    expires bigint NOT NULL,
    used bigint NOT NULL,
    address text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE auth_user (
    id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    username text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    email text NOT NULL COLLATE pg_catalog."C",
    active boolean NOT NULL,
    password text NOT NULL COLLATE pg_catalog."C",
    password_changed bigint NOT NULL,
    totp boolean NOT NULL,
    totp_step bigint NOT NULL,
    issuer text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    created bigint NOT NULL,
    changed bigint NOT NULL,
    signed_in bigint NOT NULL,
    revision bigint NOT NULL
);
CREATE TABLE desk_attachment (
    id text NOT NULL COLLATE pg_catalog."C",
    incident text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    author_kind text NOT NULL COLLATE pg_catalog."C",
    author text NOT NULL COLLATE pg_catalog."C",
    author_name text NOT NULL COLLATE pg_catalog."C",
    public boolean NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    sha256 text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE desk_clock (
    incident text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    level text NOT NULL COLLATE pg_catalog."C",
    calendar text NOT NULL COLLATE pg_catalog."C",
    target bigint NOT NULL,
    used bigint NOT NULL,
    since bigint NOT NULL,
    warn_at bigint NOT NULL,
    due_at bigint NOT NULL,
    warned_at bigint NOT NULL,
    breached_at bigint NOT NULL,
    next_at bigint NOT NULL
);
CREATE TABLE desk_comment (
    id text NOT NULL COLLATE pg_catalog."C",
    incident text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    author_kind text NOT NULL COLLATE pg_catalog."C",
    author text NOT NULL COLLATE pg_catalog."C",
    author_name text NOT NULL COLLATE pg_catalog."C",
    public boolean NOT NULL,
    body text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE desk_document (
    kind text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    spec text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE desk_incident (
    id text NOT NULL COLLATE pg_catalog."C",
    number bigint NOT NULL,
    title text NOT NULL COLLATE pg_catalog."C",
    description text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    severity bigint NOT NULL,
    impact text NOT NULL COLLATE pg_catalog."C",
    urgency text NOT NULL COLLATE pg_catalog."C",
    priority text NOT NULL COLLATE pg_catalog."C",
    priority_fixed boolean NOT NULL,
    situation text COLLATE pg_catalog."C",
    item text NOT NULL COLLATE pg_catalog."C",
    services text NOT NULL COLLATE pg_catalog."C",
    checks text NOT NULL COLLATE pg_catalog."C",
    team text NOT NULL COLLATE pg_catalog."C",
    assignee text NOT NULL COLLATE pg_catalog."C",
    requester text NOT NULL COLLATE pg_catalog."C",
    hold_reason text NOT NULL COLLATE pg_catalog."C",
    resolution text NOT NULL COLLATE pg_catalog."C",
    reopened bigint NOT NULL,
    opened_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    responded_at bigint NOT NULL,
    resolved_at bigint NOT NULL,
    closed_at bigint NOT NULL,
    entry text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL
);
CREATE TABLE desk_incident_item (
    incident text NOT NULL COLLATE pg_catalog."C",
    item text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE desk_run (
    incident text NOT NULL COLLATE pg_catalog."C",
    run text NOT NULL COLLATE pg_catalog."C",
    runbook text NOT NULL COLLATE pg_catalog."C",
    status text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL
);
CREATE TABLE desk_sequence (
    name text NOT NULL COLLATE pg_catalog."C",
    value bigint NOT NULL
);
CREATE TABLE desk_timeline (
    id text NOT NULL COLLATE pg_catalog."C",
    incident text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    actor_kind text NOT NULL COLLATE pg_catalog."C",
    actor text NOT NULL COLLATE pg_catalog."C",
    actor_name text NOT NULL COLLATE pg_catalog."C",
    public boolean NOT NULL,
    summary text NOT NULL COLLATE pg_catalog."C",
    data text NOT NULL COLLATE pg_catalog."C",
    subject_kind text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    entry text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE events_alert (
    id text NOT NULL COLLATE pg_catalog."C",
    alert_key text NOT NULL COLLATE pg_catalog."C",
    latest boolean NOT NULL,
    source text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL COLLATE pg_catalog."C",
    description text NOT NULL COLLATE pg_catalog."C",
    item text NOT NULL COLLATE pg_catalog."C",
    identities text NOT NULL COLLATE pg_catalog."C",
    check_id text NOT NULL COLLATE pg_catalog."C",
    team text NOT NULL COLLATE pg_catalog."C",
    cause text NOT NULL COLLATE pg_catalog."C",
    labels text NOT NULL COLLATE pg_catalog."C",
    annotations text NOT NULL COLLATE pg_catalog."C",
    url text NOT NULL COLLATE pg_catalog."C",
    active boolean NOT NULL,
    observed boolean NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    severity bigint NOT NULL,
    worst bigint NOT NULL,
    opened_at bigint NOT NULL,
    onset bigint NOT NULL,
    last_seen bigint NOT NULL,
    cleared_at bigint NOT NULL,
    changed_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    due_at bigint NOT NULL,
    occurrences bigint NOT NULL,
    episodes bigint NOT NULL,
    flips text NOT NULL COLLATE pg_catalog."C",
    flapping boolean NOT NULL,
    acked_by text NOT NULL COLLATE pg_catalog."C",
    ack_note text NOT NULL COLLATE pg_catalog."C",
    acked_at bigint NOT NULL,
    acked_severity bigint NOT NULL,
    assignee text NOT NULL COLLATE pg_catalog."C",
    suppressed_by text NOT NULL COLLATE pg_catalog."C",
    suppressed_id text NOT NULL COLLATE pg_catalog."C",
    suppressed_why text NOT NULL COLLATE pg_catalog."C",
    situation text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    pinned boolean DEFAULT false NOT NULL
);
CREATE TABLE events_comment (
    id text NOT NULL COLLATE pg_catalog."C",
    subject_kind text NOT NULL COLLATE pg_catalog."C",
    subject_id text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    by_id text NOT NULL COLLATE pg_catalog."C",
    by_name text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE events_correlator (
    id bigint NOT NULL,
    version text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE events_event (
    id text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    source text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    severity bigint NOT NULL,
    event_key text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL COLLATE pg_catalog."C",
    description text NOT NULL COLLATE pg_catalog."C",
    item text NOT NULL COLLATE pg_catalog."C",
    alert text NOT NULL COLLATE pg_catalog."C",
    effect text NOT NULL COLLATE pg_catalog."C",
    labels text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE events_member (
    situation text NOT NULL COLLATE pg_catalog."C",
    alert text NOT NULL COLLATE pg_catalog."C",
    joined_at bigint NOT NULL,
    left_at bigint NOT NULL,
    why text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE events_note (
    id text NOT NULL COLLATE pg_catalog."C",
    situation text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    from_ref text NOT NULL COLLATE pg_catalog."C",
    to_ref text NOT NULL COLLATE pg_catalog."C",
    why text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE events_repeat (
    id text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    events bigint NOT NULL,
    data text NOT NULL COLLATE pg_catalog."C",
    applied boolean NOT NULL
);
CREATE TABLE events_silence (
    id text NOT NULL COLLATE pg_catalog."C",
    matchers text NOT NULL COLLATE pg_catalog."C",
    starts_at bigint NOT NULL,
    ends_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    created_by text NOT NULL COLLATE pg_catalog."C",
    comment text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE events_situation (
    id text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    merged_into text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL COLLATE pg_catalog."C",
    severity bigint NOT NULL,
    team text NOT NULL COLLATE pg_catalog."C",
    opened_at bigint NOT NULL,
    closed_at bigint NOT NULL,
    quiet_since bigint NOT NULL,
    changed_at bigint NOT NULL,
    due_at bigint NOT NULL,
    root_item text NOT NULL COLLATE pg_catalog."C",
    root_alert text NOT NULL COLLATE pg_catalog."C",
    root_name text NOT NULL COLLATE pg_catalog."C",
    confidence double precision NOT NULL,
    confirmed text NOT NULL COLLATE pg_catalog."C",
    confirmed_by text NOT NULL COLLATE pg_catalog."C",
    candidates text NOT NULL COLLATE pg_catalog."C",
    services text NOT NULL COLLATE pg_catalog."C",
    alerts bigint NOT NULL,
    active_alerts bigint NOT NULL,
    items bigint NOT NULL,
    acked_by text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    acked_at bigint DEFAULT 0 NOT NULL
);
CREATE TABLE graph_definition (
    kind text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    spec text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE graph_duplicate (
    id text NOT NULL COLLATE pg_catalog."C",
    items text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    opened_at bigint NOT NULL,
    resolved_at bigint NOT NULL,
    resolved_by text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE graph_identity (
    kind text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL COLLATE pg_catalog."C",
    item text NOT NULL COLLATE pg_catalog."C",
    family text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE graph_item (
    id text NOT NULL COLLATE pg_catalog."C",
    class text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    team text NOT NULL COLLATE pg_catalog."C",
    site text NOT NULL COLLATE pg_catalog."C",
    criticality bigint NOT NULL,
    attributes text NOT NULL COLLATE pg_catalog."C",
    redundancy text NOT NULL COLLATE pg_catalog."C",
    survivor text NOT NULL COLLATE pg_catalog."C",
    changed_by text NOT NULL COLLATE pg_catalog."C",
    revision bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    missing_at bigint NOT NULL,
    version bigint NOT NULL
);
CREATE TABLE graph_merge (
    id text NOT NULL COLLATE pg_catalog."C",
    survivor text NOT NULL COLLATE pg_catalog."C",
    merged text NOT NULL COLLATE pg_catalog."C",
    cause text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    by_whom text NOT NULL COLLATE pg_catalog."C",
    undo text NOT NULL COLLATE pg_catalog."C",
    undone_at bigint NOT NULL
);
CREATE TABLE graph_observation (
    key text NOT NULL COLLATE pg_catalog."C",
    item text NOT NULL COLLATE pg_catalog."C",
    source text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    class text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    team text NOT NULL COLLATE pg_catalog."C",
    identities text NOT NULL COLLATE pg_catalog."C",
    attributes text NOT NULL COLLATE pg_catalog."C",
    redundancy text NOT NULL COLLATE pg_catalog."C",
    hash text NOT NULL COLLATE pg_catalog."C",
    observed_at bigint NOT NULL,
    seen_at bigint NOT NULL,
    stale boolean NOT NULL
);
CREATE TABLE graph_past (
    id text NOT NULL COLLATE pg_catalog."C",
    valid_from bigint NOT NULL,
    valid_to bigint NOT NULL,
    class text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    team text NOT NULL COLLATE pg_catalog."C",
    site text NOT NULL COLLATE pg_catalog."C",
    criticality bigint NOT NULL,
    attributes text NOT NULL COLLATE pg_catalog."C",
    redundancy text NOT NULL COLLATE pg_catalog."C",
    survivor text NOT NULL COLLATE pg_catalog."C",
    changed_by text NOT NULL COLLATE pg_catalog."C",
    revision bigint NOT NULL,
    created_at bigint NOT NULL
);
CREATE TABLE graph_pending (
    kind text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL COLLATE pg_catalog."C",
    class text NOT NULL COLLATE pg_catalog."C",
    from_item text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL COLLATE pg_catalog."C",
    source text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    grp text NOT NULL COLLATE pg_catalog."C",
    attributes text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE graph_relation (
    from_item text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL COLLATE pg_catalog."C",
    to_item text NOT NULL COLLATE pg_catalog."C",
    valid_from bigint NOT NULL,
    valid_to bigint NOT NULL,
    grp text NOT NULL COLLATE pg_catalog."C",
    attributes text NOT NULL COLLATE pg_catalog."C",
    sources text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL
);
CREATE TABLE graph_report (
    hash text NOT NULL COLLATE pg_catalog."C",
    source text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    seen_at bigint NOT NULL,
    items text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE graph_version (
    id bigint NOT NULL,
    version bigint NOT NULL,
    definitions bigint NOT NULL,
    at bigint NOT NULL
);
CREATE TABLE httpapi_outcome (
    id text NOT NULL COLLATE pg_catalog."C",
    body bytea NOT NULL,
    owner text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    started_at bigint NOT NULL,
    answer bytea
);
CREATE TABLE jobs_attempt (
    run text NOT NULL COLLATE pg_catalog."C",
    step text NOT NULL COLLATE pg_catalog."C",
    attempt integer NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    agent text NOT NULL COLLATE pg_catalog."C",
    exit_code bigint,
    message text NOT NULL COLLATE pg_catalog."C",
    started_at bigint NOT NULL,
    finished_at bigint NOT NULL
);
CREATE TABLE jobs_decision (
    id text NOT NULL COLLATE pg_catalog."C",
    remediation text NOT NULL COLLATE pg_catalog."C",
    team text NOT NULL COLLATE pg_catalog."C",
    subject_kind text NOT NULL COLLATE pg_catalog."C",
    subject_id text NOT NULL COLLATE pg_catalog."C",
    item text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    active boolean NOT NULL,
    guard text NOT NULL COLLATE pg_catalog."C",
    why text NOT NULL COLLATE pg_catalog."C",
    runbook text NOT NULL COLLATE pg_catalog."C",
    run text NOT NULL COLLATE pg_catalog."C",
    parameters text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    evidence text NOT NULL COLLATE pg_catalog."C",
    decided_by text NOT NULL COLLATE pg_catalog."C",
    cause text NOT NULL COLLATE pg_catalog."C",
    entry text NOT NULL COLLATE pg_catalog."C",
    seen integer NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE jobs_output (
    run text NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    step text NOT NULL COLLATE pg_catalog."C",
    attempt integer NOT NULL,
    stream text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    at bigint NOT NULL,
    data text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE jobs_remediation (
    name text NOT NULL COLLATE pg_catalog."C",
    enabled boolean NOT NULL,
    team text NOT NULL COLLATE pg_catalog."C",
    runbook text NOT NULL COLLATE pg_catalog."C",
    spec text NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE jobs_run (
    id text NOT NULL COLLATE pg_catalog."C",
    runbook text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    error text NOT NULL COLLATE pg_catalog."C",
    origin text NOT NULL COLLATE pg_catalog."C",
    actor_kind text NOT NULL COLLATE pg_catalog."C",
    actor_id text NOT NULL COLLATE pg_catalog."C",
    actor_name text NOT NULL COLLATE pg_catalog."C",
    why text NOT NULL COLLATE pg_catalog."C",
    cause text NOT NULL COLLATE pg_catalog."C",
    decision text NOT NULL COLLATE pg_catalog."C",
    rerun_of text NOT NULL COLLATE pg_catalog."C",
    team text NOT NULL COLLATE pg_catalog."C",
    parameters text NOT NULL COLLATE pg_catalog."C",
    item text NOT NULL COLLATE pg_catalog."C",
    situation text NOT NULL COLLATE pg_catalog."C",
    alert text NOT NULL COLLATE pg_catalog."C",
    incident text NOT NULL COLLATE pg_catalog."C",
    checks text NOT NULL COLLATE pg_catalog."C",
    definition text NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    started_at bigint NOT NULL,
    finished_at bigint NOT NULL,
    entry text NOT NULL COLLATE pg_catalog."C",
    version bigint DEFAULT 0 NOT NULL,
    output_seq bigint DEFAULT 0 NOT NULL,
    output_bytes bigint DEFAULT 0 NOT NULL
);
CREATE TABLE jobs_runbook (
    name text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL COLLATE pg_catalog."C",
    team text NOT NULL COLLATE pg_catalog."C",
    spec text NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE jobs_setting (
    name text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL COLLATE pg_catalog."C",
    updated_by text NOT NULL COLLATE pg_catalog."C",
    updated_at bigint NOT NULL
);
CREATE TABLE jobs_step (
    run text NOT NULL COLLATE pg_catalog."C",
    "position" integer NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    attempt integer NOT NULL,
    dispatched boolean NOT NULL,
    agent text NOT NULL COLLATE pg_catalog."C",
    exit_code bigint,
    message text NOT NULL COLLATE pg_catalog."C",
    decided_by text NOT NULL COLLATE pg_catalog."C",
    outcome text NOT NULL COLLATE pg_catalog."C",
    started_at bigint NOT NULL,
    finished_at bigint NOT NULL,
    retry_at bigint NOT NULL
);
CREATE TABLE jobs_subject (
    kind text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    entry text NOT NULL COLLATE pg_catalog."C",
    item text NOT NULL COLLATE pg_catalog."C",
    data text NOT NULL COLLATE pg_catalog."C",
    updated_at bigint NOT NULL
);
CREATE TABLE ledger_checkpoint (
    seq bigint NOT NULL,
    hash bytea NOT NULL,
    at bigint NOT NULL,
    key bytea NOT NULL,
    signature bytea NOT NULL
);
CREATE TABLE ledger_cursor (
    consumer text NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    updated bigint NOT NULL
);
CREATE TABLE ledger_entry (
    seq bigint NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    actor_kind text NOT NULL COLLATE pg_catalog."C",
    actor_id text NOT NULL COLLATE pg_catalog."C",
    actor_name text NOT NULL COLLATE pg_catalog."C",
    module text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL COLLATE pg_catalog."C",
    subject_kind text NOT NULL COLLATE pg_catalog."C",
    subject_id text NOT NULL COLLATE pg_catalog."C",
    item text NOT NULL COLLATE pg_catalog."C",
    related text NOT NULL COLLATE pg_catalog."C",
    team text NOT NULL COLLATE pg_catalog."C",
    summary text NOT NULL COLLATE pg_catalog."C",
    data text NOT NULL COLLATE pg_catalog."C",
    cause text NOT NULL COLLATE pg_catalog."C",
    hash bytea NOT NULL
);
CREATE TABLE ledger_head (
    id bigint NOT NULL,
    seq bigint NOT NULL,
    hash bytea NOT NULL
);
CREATE TABLE ledger_item (
    item text NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL
);
CREATE TABLE ledger_skipped (
    consumer text NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    at bigint NOT NULL,
    error text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE monitor_check (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    team text NOT NULL COLLATE pg_catalog."C",
    disabled boolean NOT NULL,
    spec text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE monitor_outbox (
    id text NOT NULL COLLATE pg_catalog."C",
    event text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE monitor_result (
    target text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    hard boolean NOT NULL,
    attempt integer NOT NULL,
    duration bigint NOT NULL,
    output text NOT NULL COLLATE pg_catalog."C",
    detail text NOT NULL COLLATE pg_catalog."C",
    metrics text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE monitor_rule (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    team text NOT NULL COLLATE pg_catalog."C",
    disabled boolean NOT NULL,
    spec text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE monitor_rule_alert (
    rule_id text NOT NULL COLLATE pg_catalog."C",
    fingerprint text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE monitor_target (
    id text NOT NULL COLLATE pg_catalog."C",
    check_id text NOT NULL COLLATE pg_catalog."C",
    item text NOT NULL COLLATE pg_catalog."C",
    status text NOT NULL COLLATE pg_catalog."C",
    hard boolean NOT NULL,
    severity integer NOT NULL,
    since bigint NOT NULL,
    checked_at bigint NOT NULL,
    duration bigint NOT NULL,
    output text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE monitor_window (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    team text NOT NULL COLLATE pg_catalog."C",
    spec text NOT NULL COLLATE pg_catalog."C",
    starts_at bigint NOT NULL,
    ends_at bigint NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE schema_agents (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE schema_agents ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME schema_agents_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE schema_desk (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE schema_desk ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME schema_desk_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE schema_events (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE schema_events ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME schema_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE schema_graph (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE schema_graph ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME schema_graph_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE schema_httpapi (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE schema_httpapi ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME schema_httpapi_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE schema_identity (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE schema_identity ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME schema_identity_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE schema_jobs (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE schema_jobs ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME schema_jobs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE schema_ledger (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE schema_ledger ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME schema_ledger_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE schema_monitor (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE schema_monitor ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME schema_monitor_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE schema_secrets (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE schema_secrets ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME schema_secrets_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE schema_tasks (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE schema_tasks ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME schema_tasks_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE secrets_key (
    id bigint NOT NULL,
    active text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE secrets_secret (
    name text NOT NULL COLLATE pg_catalog."C",
    description text NOT NULL COLLATE pg_catalog."C",
    team text NOT NULL COLLATE pg_catalog."C",
    internal boolean NOT NULL,
    current bigint NOT NULL,
    created bigint NOT NULL,
    changed bigint NOT NULL,
    uses bigint NOT NULL,
    used bigint NOT NULL,
    used_by text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE secrets_version (
    name text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    key_id text NOT NULL COLLATE pg_catalog."C",
    sealed bytea NOT NULL,
    created bigint NOT NULL,
    created_by text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE tasks_task (
    id text NOT NULL COLLATE pg_catalog."C",
    queue text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    dedup text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    again boolean DEFAULT false NOT NULL,
    priority integer NOT NULL,
    run_at bigint NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    max_failures integer NOT NULL,
    owner text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    lease_until bigint DEFAULT 0 NOT NULL,
    created_at bigint NOT NULL,
    started_at bigint DEFAULT 0 NOT NULL,
    error text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    payload text NOT NULL COLLATE pg_catalog."C"
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.01', autovacuum_vacuum_threshold='1000');
INSERT INTO agents_enrolment VALUES ('01m839qp9x6309mzqj5tpwwyet', '5dac94ba46d97d1cea0bffe5179e651632ca8013b1fde2a41a7b2e556583800e', 'web1', '', 'someone', 1795407206717929, 1795493606717929, 0, 0, '');
INSERT INTO auth_grant VALUES ('01m839qnhk33rgse8gaj5yanxg', 'administrator', '', 'local');
INSERT INTO auth_grant VALUES ('01m839qp537vqghy1k54yfs8a8', 'operator', '', 'local');
INSERT INTO auth_team VALUES ('01m839qp4z4axpqfxydxe9khmc', 'web', 'who keeps the shop', 1795407206559893, 1795407206559893);
INSERT INTO auth_user VALUES ('01m839qnhk33rgse8gaj5yanxg', 'user', 'admin', 'Administrator', '', true, '$argon2id$v=19$m=19456,t=2,p=1$3BDZdcNdAiNJ9fiZd6gr7A$BjTQxonW1Z3LJc/H8oYZtBLST6SecfukZuUnEnln3os', 1795407205939483, false, 0, '', '', 1795407205939483, 1795407205939483, 0, 1);
INSERT INTO auth_user VALUES ('01m839qp537vqghy1k54yfs8a8', 'user', 'ann', 'Ann', '', true, '$argon2id$v=19$m=19456,t=2,p=1$xgLYZGUqTbTUfDXec09Cog$NnAbxT876XN5L/6KD8elucWT/4/a8qHVAND867bFCug', 1795407206563060, false, 0, '', '', 1795407206563060, 1795407206563060, 0, 1);
INSERT INTO desk_clock VALUES ('01m839qpacb15g5bk8x2tzbema', 'response', 'running', 'standard', 'always', 14400000000000, 0, 1795407206732197, 1795418006732197, 1795421606732197, 0, 0, 1795418006732197);
INSERT INTO desk_clock VALUES ('01m839qpacb15g5bk8x2tzbema', 'resolution', 'running', 'standard', 'always', 86400000000000, 0, 1795407206732197, 1795472006732197, 1795493606732197, 0, 0, 1795472006732197);
INSERT INTO desk_comment VALUES ('01m839qpcf92rv354kkr0t625k', '01m839qpacb15g5bk8x2tzbema', 1795407206799237, 'user', 'someone', 'someone', false, 'looked at it');
INSERT INTO desk_document VALUES ('Calendar', 'always', '{"timeZone":"UTC","week":{"friday":["00:00-24:00"],"monday":["00:00-24:00"],"saturday":["00:00-24:00"],"sunday":["00:00-24:00"],"thursday":["00:00-24:00"],"tuesday":["00:00-24:00"],"wednesday":["00:00-24:00"]}}');
INSERT INTO desk_document VALUES ('ServiceLevel', 'standard', '{"order":1000,"calendar":"always","pauseOnHold":true,"warnAt":75,"targets":{"P1":{"response":"15m","resolution":"4h"},"P2":{"response":"30m","resolution":"8h"},"P3":{"response":"4h","resolution":"24h"},"P4":{"response":"8h","resolution":"72h"},"P5":{"response":"24h","resolution":"168h"}}}');
INSERT INTO desk_incident VALUES ('01m839qpacb15g5bk8x2tzbema', 1, 'The disk is full', '', 'new', 4, 'medium', 'medium', 'P3', false, '01m839qpa08f57km9esdc3yqn8', '01m839qp218jebe5e70pc73dam', '[{"id":"01m839qp0g0tws6gdyt6d37bb3","name":"shop-application"},{"id":"01m839qnyjap9gh2w97zgejr4r","name":"web-shop"}]', '[]', '', '', '', '', '', 0, 1795407206732197, 1795407206799237, 0, 0, 0, '01m839qpa2e1qew6szzt11ya7j', 2);
INSERT INTO desk_incident_item VALUES ('01m839qpacb15g5bk8x2tzbema', '01m839qp218jebe5e70pc73dam');
INSERT INTO desk_sequence VALUES ('incident', 1);
INSERT INTO desk_timeline VALUES ('01m839qpahaq7xbxydvrf32wf6', '01m839qpacb15g5bk8x2tzbema', 1795407206732197, 'opened', 'system', 'desk', 'desk', true, 'Opened with priority P3', '', '', '', '01m839qpa2e1qew6szzt11ya7j');
INSERT INTO desk_timeline VALUES ('01m839qpcm9p2h6v01bfeze16h', '01m839qpacb15g5bk8x2tzbema', 1795407206799237, 'comment', 'user', 'someone', 'someone', false, 'looked at it', '', 'comment', '01m839qpcf92rv354kkr0t625k', '');
INSERT INTO events_alert VALUES ('01m839qp98b30sxfnmdhtsah5h', 'gone', true, 'test', 'A page is slow', '', '', '', '', '', '', '', '', '', false, false, 'cleared', 2, 2, 1795407206679847, 1795407206679847, 1795407206679847, 1795407206679847, 1795407206691573, 0, 0, 1, 1, '1795407206679847,1795407206679847', false, '', '', 0, 0, '', '', '', '', '', false);
INSERT INTO events_alert VALUES ('01m839qp98b30sxfnmdhtsah5f', 'disk', true, 'test', 'The disk is full', '', '01m839qp218jebe5e70pc73dam', '', '', '', '', '{"disk":"sda1"}', '', '', true, true, 'open', 4, 4, 1795407206679847, 1795407206679847, 1795407206679847, 0, 1795407206691572, 1795493606679847, 1795493606679847, 1, 1, '1795407206679847', false, '', '', 0, 0, '', '', '', '', '01m839qpa08f57km9esdc3yqn8', false);
INSERT INTO events_correlator VALUES (1, '01m839qp9z9a0ah82abz4n14h9');
INSERT INTO events_event VALUES ('01m839qp9ffw2xrh7h7ght52ca', 1795407206679847, 'test', 'problem', 4, 'disk', 'The disk is full', '', '01m839qp218jebe5e70pc73dam', '01m839qp98b30sxfnmdhtsah5f', 'opened', '{"disk":"sda1"}');
INSERT INTO events_event VALUES ('01m839qp9ffw2xrh7h7ght52cb', 1795407206679847, 'test', 'problem', 2, 'gone', 'A page is slow', '', '', '01m839qp98b30sxfnmdhtsah5h', 'opened', '');
INSERT INTO events_event VALUES ('01m839qp9ffw2xrh7h7ght52cc', 1795407206679847, 'test', 'clear', 0, 'gone', 'A page is fast', '', '', '01m839qp98b30sxfnmdhtsah5h', 'cleared', '');
INSERT INTO events_member VALUES ('01m839qpa08f57km9esdc3yqn8', '01m839qp98b30sxfnmdhtsah5f', 1795407206719226, 0, 'It opened the situation.');
INSERT INTO events_note VALUES ('01m839qpa2e1qew6szzt11ya7h', '01m839qpa08f57km9esdc3yqn8', 1795407206719226, 'opened', '', '01m839qp98b30sxfnmdhtsah5f', '"The disk is full" began, and nothing connected to it was failing.');
INSERT INTO events_situation VALUES ('01m839qpa08f57km9esdc3yqn8', 'open', '', 'The disk is full', 4, '', 1795407206719226, 0, 0, 1795407206719226, 0, '01m839qp218jebe5e70pc73dam', '01m839qp98b30sxfnmdhtsah5f', 'shop-database', 0.9, '', '', '[{"item":"01m839qp218jebe5e70pc73dam","alert":"01m839qp98b30sxfnmdhtsah5f","name":"shop-database","confidence":0.9,"reasons":[{"text":"shop-database fails (major), and needs nothing else that fails.","refs":[{"kind":"item","id":"01m839qp218jebe5e70pc73dam"},{"kind":"alert","id":"01m839qp98b30sxfnmdhtsah5f"}]},{"text":"Less than a second before it failed: Relations of shop-application changed.","refs":[{"kind":"entry","id":"01m839qp257wn9r4hh4zy5x0mj"},{"kind":"item","id":"01m839qp218jebe5e70pc73dam"}]}],"changes":["01m839qp257wn9r4hh4zy5x0mj"]}]', '[{"id":"01m839qp0g0tws6gdyt6d37bb3","name":"shop-application"},{"id":"01m839qnyjap9gh2w97zgejr4r","name":"web-shop"}]', 1, 1, 1, '', 0);
INSERT INTO graph_definition VALUES ('item', 'shop-host', '{"class":"host"}');
INSERT INTO graph_definition VALUES ('item', 'web-shop', '{"attributes":{"owner":"Sales","serviceHours":"always","url":"http://127.0.0.1:18080/"},"class":"business_service","relations":[{"to":{"kind":"declared","value":"shop-nginx"},"type":"depends_on"}]}');
INSERT INTO graph_definition VALUES ('item', 'shop-nginx', '{"attributes":{"listen":["127.0.0.1:18080"]},"class":"web_server","relations":[{"to":{"kind":"declared","value":"shop-application"},"type":"depends_on"},{"to":{"kind":"declared","value":"shop-host"},"type":"runs_on"}]}');
INSERT INTO graph_definition VALUES ('item', 'shop-application', '{"attributes":{"language":"Go","url":"http://127.0.0.1:18081/"},"class":"application_service","relations":[{"to":{"kind":"declared","value":"shop-database"},"type":"depends_on"},{"to":{"kind":"declared","value":"shop-host"},"type":"runs_on"}]}');
INSERT INTO graph_definition VALUES ('item', 'shop-database', '{"attributes":{"engine":"postgresql","listen":["127.0.0.1:15432"]},"class":"database_server","relations":[{"to":{"kind":"declared","value":"shop-host"},"type":"runs_on"}]}');
INSERT INTO graph_identity VALUES ('declared', 'shop-host', '01m839qnx6bqrxav4vg8cpx4hv', 'device');
INSERT INTO graph_identity VALUES ('name', 'shop-host', '01m839qnx6bqrxav4vg8cpx4hv', 'device');
INSERT INTO graph_identity VALUES ('declared', 'web-shop', '01m839qnyjap9gh2w97zgejr4r', 'business_service');
INSERT INTO graph_identity VALUES ('name', 'web-shop', '01m839qnyjap9gh2w97zgejr4r', 'business_service');
INSERT INTO graph_identity VALUES ('declared', 'shop-nginx', '01m839qnz9c7kk3jkhmm6srqx7', 'service');
INSERT INTO graph_identity VALUES ('name', 'shop-nginx', '01m839qnz9c7kk3jkhmm6srqx7', 'service');
INSERT INTO graph_identity VALUES ('declared', 'shop-application', '01m839qp0g0tws6gdyt6d37bb3', 'application');
INSERT INTO graph_identity VALUES ('name', 'shop-application', '01m839qp0g0tws6gdyt6d37bb3', 'application');
INSERT INTO graph_identity VALUES ('declared', 'shop-database', '01m839qp218jebe5e70pc73dam', 'service');
INSERT INTO graph_identity VALUES ('name', 'shop-database', '01m839qp218jebe5e70pc73dam', 'service');
INSERT INTO graph_item VALUES ('01m839qnx6bqrxav4vg8cpx4hv', 'host', 'shop-host', 'active', '', '', 0, '{}', '', '', 'document', 1, 1795407206295696, 1795407206295696, 0, 1);
INSERT INTO graph_item VALUES ('01m839qnyjap9gh2w97zgejr4r', 'business_service', 'web-shop', 'active', '', '', 0, '{"owner":"Sales","serviceHours":"always","url":"http://127.0.0.1:18080/"}', '', '', 'document', 1, 1795407206346312, 1795407206346312, 0, 2);
INSERT INTO graph_item VALUES ('01m839qnz9c7kk3jkhmm6srqx7', 'web_server', 'shop-nginx', 'active', '', '', 0, '{"listen":["127.0.0.1:18080"]}', '', '', 'document', 1, 1795407206363765, 1795407206363765, 0, 3);
INSERT INTO graph_item VALUES ('01m839qp0g0tws6gdyt6d37bb3', 'application_service', 'shop-application', 'active', '', '', 0, '{"language":"Go","url":"http://127.0.0.1:18081/"}', '', '', 'document', 1, 1795407206403076, 1795407206403076, 0, 4);
INSERT INTO graph_item VALUES ('01m839qp218jebe5e70pc73dam', 'database_server', 'shop-database', 'active', '', '', 0, '{"engine":"postgresql","listen":["127.0.0.1:15432"]}', '', '', 'document', 1, 1795407206464299, 1795407206464299, 0, 5);
INSERT INTO graph_observation VALUES ('GQ1WKEMpiZ71G-yAKykK1g', '01m839qnx6bqrxav4vg8cpx4hv', 'document', 'Item/shop-host', 'host', 'shop-host', '', '["declared","shop-host","name","shop-host"]', '{}', '', 'h9Hs_f5SCS6fjIN3o8v7mA', 1795407206295696, 1795407206295696, false);
INSERT INTO graph_observation VALUES ('rU0ReAoB23JwuizEASQAOQ', '01m839qnyjap9gh2w97zgejr4r', 'document', 'Item/web-shop', 'business_service', 'web-shop', '', '["declared","web-shop","name","web-shop"]', '{"owner":"Sales","serviceHours":"always","url":"http://127.0.0.1:18080/"}', '', 'RBO_okVlbvgUjhC9MA7BbQ', 1795407206346312, 1795407206346312, false);
INSERT INTO graph_observation VALUES ('B3KyU2_1yVd35CJrm2Ta3Q', '01m839qnz9c7kk3jkhmm6srqx7', 'document', 'Item/shop-nginx', 'web_server', 'shop-nginx', '', '["declared","shop-nginx","name","shop-nginx"]', '{"listen":["127.0.0.1:18080"]}', '', 'dMYj0Qzk1nd0Crp2ULJ22g', 1795407206363765, 1795407206363765, false);
INSERT INTO graph_observation VALUES ('KszmxSUecRGsgskZHcziBw', '01m839qp0g0tws6gdyt6d37bb3', 'document', 'Item/shop-application', 'application_service', 'shop-application', '', '["declared","shop-application","name","shop-application"]', '{"language":"Go","url":"http://127.0.0.1:18081/"}', '', 'TPXRD075VeyedribldLy5Q', 1795407206403076, 1795407206403076, false);
INSERT INTO graph_observation VALUES ('fLVB4PeJOmvanvUIzpjjyw', '01m839qp218jebe5e70pc73dam', 'document', 'Item/shop-database', 'database_server', 'shop-database', '', '["declared","shop-database","name","shop-database"]', '{"engine":"postgresql","listen":["127.0.0.1:15432"]}', '', 'R9GULjcMq6EYiNp8w3CYbg', 1795407206464299, 1795407206464299, false);
INSERT INTO graph_relation VALUES ('01m839qnyjap9gh2w97zgejr4r', 'depends_on', '01m839qnz9c7kk3jkhmm6srqx7', 1795407206363765, 4611686018427387904, '', '', 'document|Item/web-shop', 3);
INSERT INTO graph_relation VALUES ('01m839qnz9c7kk3jkhmm6srqx7', 'runs_on', '01m839qnx6bqrxav4vg8cpx4hv', 1795407206363765, 4611686018427387904, '', '', 'document|Item/shop-nginx', 3);
INSERT INTO graph_relation VALUES ('01m839qnz9c7kk3jkhmm6srqx7', 'depends_on', '01m839qp0g0tws6gdyt6d37bb3', 1795407206403076, 4611686018427387904, '', '', 'document|Item/shop-nginx', 4);
INSERT INTO graph_relation VALUES ('01m839qp0g0tws6gdyt6d37bb3', 'runs_on', '01m839qnx6bqrxav4vg8cpx4hv', 1795407206403076, 4611686018427387904, '', '', 'document|Item/shop-application', 4);
INSERT INTO graph_relation VALUES ('01m839qp0g0tws6gdyt6d37bb3', 'depends_on', '01m839qp218jebe5e70pc73dam', 1795407206464299, 4611686018427387904, '', '', 'document|Item/shop-application', 5);
INSERT INTO graph_relation VALUES ('01m839qp218jebe5e70pc73dam', 'runs_on', '01m839qnx6bqrxav4vg8cpx4hv', 1795407206464299, 4611686018427387904, '', '', 'document|Item/shop-database', 5);
INSERT INTO graph_report VALUES ('8KKbQx_CiixqIeKp5gyqog', 'document', 'Item/shop-host', 1795407206295696, '01m839qnx6bqrxav4vg8cpx4hv');
INSERT INTO graph_report VALUES ('eZWo95geJA267ZgTJlqaKw', 'document', 'Item/shop-database', 1795407206464299, '01m839qp218jebe5e70pc73dam');
INSERT INTO graph_version VALUES (1, 5, 0, 1795407206464299);
INSERT INTO jobs_remediation VALUES ('heal-shop-database', true, '', 'start-database', '{"condition":"item.name == \"shop-database\" \u0026\u0026 situation.severity == \"critical\"","guards":{"blastRadius":10,"coolDown":"1m","maxAttempts":3},"mode":"automatic","on":"situation","runbook":"start-database","title":"Start PostgreSQL when it is the cause","verify":{"within":"1m"}}', 1795407206551734, 1795407206551734);
INSERT INTO jobs_remediation VALUES ('heal-shop-nginx', true, '', 'start-nginx', '{"condition":"item.name == \"shop-nginx\" \u0026\u0026 situation.severity == \"critical\"","guards":{"blastRadius":10,"coolDown":"1m","maxAttempts":3},"mode":"automatic","on":"situation","runbook":"start-nginx","title":"Start nginx when it is the cause","verify":{"within":"1m"}}', 1795407206555894, 1795407206555894);
INSERT INTO jobs_remediation VALUES ('heal-shop-application', true, '', 'start-application', '{"condition":"item.name == \"shop-application\" \u0026\u0026 situation.severity == \"critical\"","guards":{"blastRadius":10,"coolDown":"1m","maxAttempts":3},"mode":"approval","on":"situation","runbook":"start-application","title":"Start the application when it is the cause","verify":{"within":"1m"}}', 1795407206558712, 1795407206558712);
INSERT INTO jobs_runbook VALUES ('start-database', 'Start PostgreSQL of the web shop', '', '{"concurrency":1,"steps":[{"id":"settle","name":"Let the consequences arrive","wait":{"duration":"8s"}},{"id":"start","name":"Start PostgreSQL","needs":["settle"],"repeatable":true,"shell":{"agent":"$item","script":"work=/var/lib/mainstay-three-tier\n[ -x \"$work/control\" ] || work=$HOME/.mainstay-three-tier\nexec \"$work/control\" start-database\n"},"timeout":"2m"}],"timeout":"3m","title":"Start PostgreSQL of the web shop"}', 1795407206520179, 1795407206520179);
INSERT INTO jobs_runbook VALUES ('start-nginx', 'Start nginx of the web shop', '', '{"concurrency":1,"steps":[{"id":"settle","name":"Let the consequences arrive","wait":{"duration":"8s"}},{"id":"start","name":"Start nginx","needs":["settle"],"repeatable":true,"shell":{"agent":"$item","script":"work=/var/lib/mainstay-three-tier\n[ -x \"$work/control\" ] || work=$HOME/.mainstay-three-tier\nexec \"$work/control\" start-nginx\n"},"timeout":"2m"}],"timeout":"3m","title":"Start nginx of the web shop"}', 1795407206532144, 1795407206532144);
INSERT INTO jobs_runbook VALUES ('start-application', 'Start the application of the web shop', '', '{"concurrency":1,"steps":[{"id":"settle","name":"Let the consequences arrive","wait":{"duration":"8s"}},{"id":"start","name":"Start the application","needs":["settle"],"repeatable":true,"shell":{"agent":"$item","script":"work=/var/lib/mainstay-three-tier\n[ -x \"$work/control\" ] || work=$HOME/.mainstay-three-tier\nexec \"$work/control\" start-application\n"},"timeout":"2m"}],"timeout":"3m","title":"Start the application of the web shop"}', 1795407206538699, 1795407206538699);
INSERT INTO jobs_subject VALUES ('situation', '01m839qpa08f57km9esdc3yqn8', '01m839qpa2e1qew6szzt11ya7j', '01m839qp218jebe5e70pc73dam', '{"id":"01m839qpa08f57km9esdc3yqn8","title":"The disk is full","severity":"major","state":"open","rootCause":{"item":"01m839qp218jebe5e70pc73dam","alert":"01m839qp98b30sxfnmdhtsah5f","name":"shop-database","confidence":0.9,"reasons":["shop-database fails (major), and needs nothing else that fails.","Less than a second before it failed: Relations of shop-application changed."]},"alerts":["01m839qp98b30sxfnmdhtsah5f"],"items":["01m839qp218jebe5e70pc73dam"],"checks":[],"services":[{"id":"01m839qp0g0tws6gdyt6d37bb3","name":"shop-application"},{"id":"01m839qnyjap9gh2w97zgejr4r","name":"web-shop"}],"alertCount":1,"itemCount":1,"openedAt":"2026-11-23T04:13:26.719226999Z","why":"\"The disk is full\" began, and nothing connected to it was failing."}', 1795407206735271);
INSERT INTO ledger_cursor VALUES ('events.binding', 9, 1795407206482855);
INSERT INTO ledger_cursor VALUES ('events.correlation', 24, 1795407206718539);
INSERT INTO ledger_cursor VALUES ('desk', 26, 1795407206729981);
INSERT INTO ledger_cursor VALUES ('jobs.remediation', 26, 1795407206730367);
INSERT INTO ledger_entry VALUES (1, '01m839qnhq0fp0w83q8bftgky0', 1795407205943005, 'system', 'setup', 'setup', 'auth', 'auth.user.created', 'user', '01m839qnhk33rgse8gaj5yanxg', '', '', '', 'created the first administrator admin', '{"username":"admin"}', '', '\xc93d785d04d1eb28839c5cd8b012f7d9fcb63954fa68e6dbfb0d4bed09cada8b');
INSERT INTO ledger_entry VALUES (2, '01m839qnx99sg4xcqdr33qkp27', 1795407206295696, 'user', 'someone', 'someone', 'graph', 'graph.item.created', 'item', '01m839qnx6bqrxav4vg8cpx4hv', '01m839qnx6bqrxav4vg8cpx4hv', '', '', 'Created host shop-host', '{"id":"01m839qnx6bqrxav4vg8cpx4hv","class":"host","name":"shop-host","state":"active","source":"document","after":{}}', '', '\x06f923e90caafd223872e78566bc783608019bbd0d83797dc41055f285faf746');
INSERT INTO ledger_entry VALUES (3, '01m839qnym826fptqk53dwzebv', 1795407206346312, 'user', 'someone', 'someone', 'graph', 'graph.item.created', 'item', '01m839qnyjap9gh2w97zgejr4r', '01m839qnyjap9gh2w97zgejr4r', '', '', 'Created business_service web-shop', '{"id":"01m839qnyjap9gh2w97zgejr4r","class":"business_service","name":"web-shop","state":"active","source":"document","after":{"owner":"Sales","serviceHours":"always","url":"http://127.0.0.1:18080/"}}', '', '\x7d391074a24a01c93bd04441a52c2278346c50e7cc1ed9588af4971e87ed2f19');
INSERT INTO ledger_entry VALUES (4, '01m839qnzb0gaw8yzssddb3w55', 1795407206363765, 'user', 'someone', 'someone', 'graph', 'graph.item.created', 'item', '01m839qnz9c7kk3jkhmm6srqx7', '01m839qnz9c7kk3jkhmm6srqx7', '', '', 'Created web_server shop-nginx', '{"id":"01m839qnz9c7kk3jkhmm6srqx7","class":"web_server","name":"shop-nginx","state":"active","source":"document","after":{"listen":["127.0.0.1:18080"]}}', '', '\x951f4e1ec5b7a43937ef8694a540c70a31b226c31aa8f8c6579c70241344050a');
INSERT INTO ledger_entry VALUES (5, '01m839qnzwf7fc2agkt4adg3d0', 1795407206363765, 'user', 'someone', 'someone', 'graph', 'graph.relation.changed', 'item', '01m839qnyjap9gh2w97zgejr4r', '01m839qnyjap9gh2w97zgejr4r', '["01m839qnz9c7kk3jkhmm6srqx7"]', '', 'Relations of web-shop changed', '{"item":"01m839qnyjap9gh2w97zgejr4r","source":"document","added":[{"type":"depends_on","to":"01m839qnz9c7kk3jkhmm6srqx7"}]}', '', '\xb6b3bf9a543fd2bc70ca63069275c304b68832ec05816a84a202fba44d28e359');
INSERT INTO ledger_entry VALUES (6, '01m839qp0q5p5x459zg7ep8z0f', 1795407206403076, 'user', 'someone', 'someone', 'graph', 'graph.item.created', 'item', '01m839qp0g0tws6gdyt6d37bb3', '01m839qp0g0tws6gdyt6d37bb3', '', '', 'Created application_service shop-application', '{"id":"01m839qp0g0tws6gdyt6d37bb3","class":"application_service","name":"shop-application","state":"active","source":"document","after":{"language":"Go","url":"http://127.0.0.1:18081/"}}', '', '\x21aa3be90d1d802fb388e960cdd30ca8b4e6aba7b0dc9d88ba290a22c1d48d0f');
INSERT INTO ledger_entry VALUES (7, '01m839qp14ekmxtr41s7y7v8a1', 1795407206403076, 'user', 'someone', 'someone', 'graph', 'graph.relation.changed', 'item', '01m839qnz9c7kk3jkhmm6srqx7', '01m839qnz9c7kk3jkhmm6srqx7', '["01m839qp0g0tws6gdyt6d37bb3"]', '', 'Relations of shop-nginx changed', '{"item":"01m839qnz9c7kk3jkhmm6srqx7","source":"document","added":[{"type":"depends_on","to":"01m839qp0g0tws6gdyt6d37bb3"}]}', '', '\x91c5ed9feb0796bfd9483268c8680c41055cdeb658c76ce2b3c032f1d9eb6f08');
INSERT INTO ledger_entry VALUES (8, '01m839qp23dv7a6hg89fq00at3', 1795407206464299, 'user', 'someone', 'someone', 'graph', 'graph.item.created', 'item', '01m839qp218jebe5e70pc73dam', '01m839qp218jebe5e70pc73dam', '', '', 'Created database_server shop-database', '{"id":"01m839qp218jebe5e70pc73dam","class":"database_server","name":"shop-database","state":"active","source":"document","after":{"engine":"postgresql","listen":["127.0.0.1:15432"]}}', '', '\x0bc7f4a9eef6203cbe5628eb00a40b2825c479e815d6fab854fbcf64ed349459');
INSERT INTO ledger_entry VALUES (9, '01m839qp257wn9r4hh4zy5x0mj', 1795407206464299, 'user', 'someone', 'someone', 'graph', 'graph.relation.changed', 'item', '01m839qp0g0tws6gdyt6d37bb3', '01m839qp0g0tws6gdyt6d37bb3', '["01m839qp218jebe5e70pc73dam"]', '', 'Relations of shop-application changed', '{"item":"01m839qp0g0tws6gdyt6d37bb3","source":"document","added":[{"type":"depends_on","to":"01m839qp218jebe5e70pc73dam"}]}', '', '\xd98eb78eb7c489882e4d9fb82679787b94e6608853ef2619a0e845f71d17fbba');
INSERT INTO ledger_entry VALUES (10, '01m839qp2n139y5tywxxf9h24j', 1795407206485402, 'user', 'someone', 'someone', 'monitor', 'monitor.check.created', 'check', '01m839qp2m97bkr5yqsv1zy6g7', '', '', '', 'check shop-database created', '', '', '\x05cfbed37711d343fd92149473a92d7f7bb9c06d294687cd27f6eefb761d6d2c');
INSERT INTO ledger_entry VALUES (11, '01m839qp2scpsp4c1z0wphq15v', 1795407206489556, 'user', 'someone', 'someone', 'monitor', 'monitor.check.created', 'check', '01m839qp2scpsp4c1z0wphq15t', '', '', '', 'check shop-application created', '', '', '\x97135007e738cca2b373021e3753855a580607e44586aad185db0a8f7d5a7ee3');
INSERT INTO ledger_entry VALUES (12, '01m839qp3069eak4etvpsym9p5', 1795407206496166, 'user', 'someone', 'someone', 'monitor', 'monitor.check.created', 'check', '01m839qp2z470m99d03jw6pwph', '', '', '', 'check shop-nginx created', '', '', '\x3c2272da33fe500c473a8133695a3bd0300610f2601f2cb428a6e12ca901e968');
INSERT INTO ledger_entry VALUES (13, '01m839qp3f50xph2k2stmgvs5d', 1795407206511900, 'user', 'someone', 'someone', 'monitor', 'monitor.rule.created', 'metric-rule', '01m839qp38cfteyaw8csk1q38t', '', '', '', 'metric rule shop-slow created', '', '', '\x16b4a025f54b8ed1e5822f517187c6e05e0dfdc2748e588f0bc29023256b295c');
INSERT INTO ledger_entry VALUES (14, '01m839qp3rfje63ewbz6qjzjmn', 1795407206520787, 'user', 'someone', 'someone', 'jobs', 'jobs.runbook.changed', 'runbook', 'start-database', '', '', '', 'runbook start-database was changed', '{"concurrency":1,"steps":[{"id":"settle","name":"Let the consequences arrive","wait":{"duration":"8s"}},{"id":"start","name":"Start PostgreSQL","needs":["settle"],"repeatable":true,"shell":{"agent":"$item","script":"work=/var/lib/mainstay-three-tier\n[ -x \"$work/control\" ] || work=$HOME/.mainstay-three-tier\nexec \"$work/control\" start-database\n"},"timeout":"2m"}],"timeout":"3m","title":"Start PostgreSQL of the web shop"}', '', '\x849585a6043f00de1bcb74c05cf3e2cac7ede4bc2afdfa9161d8aa3c9cbe5169');
INSERT INTO ledger_entry VALUES (15, '01m839qp4433677755ng31sjex', 1795407206532701, 'user', 'someone', 'someone', 'jobs', 'jobs.runbook.changed', 'runbook', 'start-nginx', '', '', '', 'runbook start-nginx was changed', '{"concurrency":1,"steps":[{"id":"settle","name":"Let the consequences arrive","wait":{"duration":"8s"}},{"id":"start","name":"Start nginx","needs":["settle"],"repeatable":true,"shell":{"agent":"$item","script":"work=/var/lib/mainstay-three-tier\n[ -x \"$work/control\" ] || work=$HOME/.mainstay-three-tier\nexec \"$work/control\" start-nginx\n"},"timeout":"2m"}],"timeout":"3m","title":"Start nginx of the web shop"}', '', '\xd0fda32a90da9dae458d1e397d8737393e0a717a8cd78cc365398b1a859e5df6');
INSERT INTO ledger_entry VALUES (16, '01m839qp4bfc802sdsgavv8ahh', 1795407206539703, 'user', 'someone', 'someone', 'jobs', 'jobs.runbook.changed', 'runbook', 'start-application', '', '', '', 'runbook start-application was changed', '{"concurrency":1,"steps":[{"id":"settle","name":"Let the consequences arrive","wait":{"duration":"8s"}},{"id":"start","name":"Start the application","needs":["settle"],"repeatable":true,"shell":{"agent":"$item","script":"work=/var/lib/mainstay-three-tier\n[ -x \"$work/control\" ] || work=$HOME/.mainstay-three-tier\nexec \"$work/control\" start-application\n"},"timeout":"2m"}],"timeout":"3m","title":"Start the application of the web shop"}', '', '\xdd30fbbf19a80652b6aa366d0a9f0fba83dfc173d9af6d9f6c7e9bbe4aec9280');
INSERT INTO ledger_entry VALUES (17, '01m839qp4r785yxhhrkwfqz9sq', 1795407206552741, 'user', 'someone', 'someone', 'jobs', 'jobs.remediation.changed', 'remediation', 'heal-shop-database', '', '', '', 'remediation heal-shop-database was changed', '{"condition":"item.name == \"shop-database\" \u0026\u0026 situation.severity == \"critical\"","guards":{"blastRadius":10,"coolDown":"1m","maxAttempts":3},"mode":"automatic","on":"situation","runbook":"start-database","title":"Start PostgreSQL when it is the cause","verify":{"within":"1m"}}', '', '\x67894cc9dc26edd1df22e0183ba6f4cc8f454301c1e5e65e535825d05a89915f');
INSERT INTO ledger_entry VALUES (18, '01m839qp4wc2nkds9s6fsdqbjt', 1795407206556283, 'user', 'someone', 'someone', 'jobs', 'jobs.remediation.changed', 'remediation', 'heal-shop-nginx', '', '', '', 'remediation heal-shop-nginx was changed', '{"condition":"item.name == \"shop-nginx\" \u0026\u0026 situation.severity == \"critical\"","guards":{"blastRadius":10,"coolDown":"1m","maxAttempts":3},"mode":"automatic","on":"situation","runbook":"start-nginx","title":"Start nginx when it is the cause","verify":{"within":"1m"}}', '', '\x0428b4c351b2c72d7781df2fab74f655666ee7dc7d7e3f3fc4d3c73484a69e6e');
INSERT INTO ledger_entry VALUES (19, '01m839qp4y5xjsf08h60gwfd60', 1795407206558848, 'user', 'someone', 'someone', 'jobs', 'jobs.remediation.changed', 'remediation', 'heal-shop-application', '', '', '', 'remediation heal-shop-application was changed', '{"condition":"item.name == \"shop-application\" \u0026\u0026 situation.severity == \"critical\"","guards":{"blastRadius":10,"coolDown":"1m","maxAttempts":3},"mode":"approval","on":"situation","runbook":"start-application","title":"Start the application when it is the cause","verify":{"within":"1m"}}', '', '\x232c27e27161074e2c5d0f3be9e6b59396132b99c2d5dcc5c2f34644483216f8');
INSERT INTO ledger_entry VALUES (20, '01m839qp519q1v206kyr8bdntr', 1795407206561431, 'user', 'someone', 'someone', 'auth', 'auth.team.created', 'team', '01m839qp4z4axpqfxydxe9khmc', '', '', '', 'created the team web', '{"name":"web","description":"who keeps the shop"}', '', '\x66f1c3904e8964c6ee989cdd5540cd903d5e57f745c5f54f52b388ceb70f0ae2');
INSERT INTO ledger_entry VALUES (21, '01m839qp893x48m04qvv733qrb', 1795407206665770, 'user', 'someone', 'someone', 'auth', 'auth.user.created', 'user', '01m839qp537vqghy1k54yfs8a8', '', '', '', 'created the user ann', '{"grants":[{"role":"operator"}],"kind":"user","username":"ann"}', '', '\x2a52d6b8b49575a03c0317534a81c7b81ef0effbe661f688bd4d8c1cb70a68c2');
INSERT INTO ledger_entry VALUES (22, '01m839qp98b30sxfnmdhtsah5g', 1795407206696305, 'system', 'events', 'events', 'events', 'events.alert.opened', 'alert', '01m839qp98b30sxfnmdhtsah5f', '01m839qp218jebe5e70pc73dam', '', '', 'The disk is full', '{"id":"01m839qp98b30sxfnmdhtsah5f","key":"disk","severity":"major","title":"The disk is full","item":"01m839qp218jebe5e70pc73dam","source":"test","labels":{"disk":"sda1"},"state":"open","openedAt":"2026-11-23T04:13:26.679847Z"}', '', '\xec7bb457a501256569a31f97b1616ccb0b243d5c47f2d7913a5eca44fefc4291');
INSERT INTO ledger_entry VALUES (23, '01m839qp98b30sxfnmdhtsah5j', 1795407206696317, 'system', 'events', 'events', 'events', 'events.alert.opened', 'alert', '01m839qp98b30sxfnmdhtsah5h', '', '', '', 'A page is slow', '{"id":"01m839qp98b30sxfnmdhtsah5h","key":"gone","severity":"warning","title":"A page is slow","source":"test","state":"open","openedAt":"2026-11-23T04:13:26.679847Z"}', '', '\xd39f1ba28f5c690d85b37f2e11ab99db44563cc57aa777ee8d641b8d6c5b1a26');
INSERT INTO ledger_entry VALUES (24, '01m839qp98b30sxfnmdhtsah5k', 1795407206696324, 'system', 'events', 'events', 'events', 'events.alert.cleared', 'alert', '01m839qp98b30sxfnmdhtsah5h', '', '', '', 'A page is slow: The sender cleared it.', '{"id":"01m839qp98b30sxfnmdhtsah5h","key":"gone","severity":"warning","title":"A page is slow","source":"test","state":"cleared","openedAt":"2026-11-23T04:13:26.679847Z","why":"The sender cleared it."}', '', '\xb698847406476f0271c9877f347879667fc20396dd22abe805cde4a57979a034');
INSERT INTO ledger_entry VALUES (25, '01m839qp9z9a0ah82abz4n14ha', 1795407206719592, 'user', 'someone', 'someone', 'agents', 'agents.enrolment.created', 'enrolment', '01m839qp9x6309mzqj5tpwwyet', '', '', '', 'enrolment token web1 created', '{"id":"01m839qp9x6309mzqj5tpwwyet","name":"web1","state":"open","createdBy":"someone","createdAt":"2026-11-23T04:13:26.717929057Z","expiresAt":"2026-11-24T04:13:26.717929057Z"}', '', '\x41de43201035b2d4256ada03e6455b5f1dfab6479d16bbc275cf53a443f8d085');
INSERT INTO ledger_entry VALUES (26, '01m839qpa2e1qew6szzt11ya7j', 1795407206722865, 'system', 'events', 'events', 'events', 'events.situation.opened', 'situation', '01m839qpa08f57km9esdc3yqn8', '01m839qp218jebe5e70pc73dam', '["01m839qp218jebe5e70pc73dam"]', '', 'Situation opened: The disk is full', '{"id":"01m839qpa08f57km9esdc3yqn8","title":"The disk is full","severity":"major","state":"open","rootCause":{"item":"01m839qp218jebe5e70pc73dam","alert":"01m839qp98b30sxfnmdhtsah5f","name":"shop-database","confidence":0.9,"reasons":["shop-database fails (major), and needs nothing else that fails.","Less than a second before it failed: Relations of shop-application changed."]},"alerts":["01m839qp98b30sxfnmdhtsah5f"],"items":["01m839qp218jebe5e70pc73dam"],"checks":[],"services":[{"id":"01m839qp0g0tws6gdyt6d37bb3","name":"shop-application"},{"id":"01m839qnyjap9gh2w97zgejr4r","name":"web-shop"}],"alertCount":1,"itemCount":1,"openedAt":"2026-11-23T04:13:26.719226999Z","why":"\"The disk is full\" began, and nothing connected to it was failing."}', '01m839qp98b30sxfnmdhtsah5g', '\x1ca3b571a3c4aa78bdf31ca63e00e36f092ab06231402f86659471a097eb537d');
INSERT INTO ledger_entry VALUES (27, '01m839qpahaq7xbxydvrf32wf5', 1795407206732197, 'system', 'desk', 'desk', 'desk', 'desk.incident.opened', 'incident', '01m839qpacb15g5bk8x2tzbema', '01m839qp218jebe5e70pc73dam', '["01m839qp218jebe5e70pc73dam"]', '', 'INC-000001 opened: The disk is full', '{"assignee":"","id":"01m839qpacb15g5bk8x2tzbema","item":"01m839qp218jebe5e70pc73dam","number":"INC-000001","priority":"P3","requester":"","services":["01m839qp0g0tws6gdyt6d37bb3","01m839qnyjap9gh2w97zgejr4r"],"severity":"major","situation":"01m839qpa08f57km9esdc3yqn8","state":"new","team":"","title":"The disk is full"}', '01m839qpa2e1qew6szzt11ya7j', '\x5248f719673fb27bcf34f103f3dc5a74b454d5b12099a90affc08586750fc9d3');
INSERT INTO ledger_entry VALUES (28, '01m839qpcm9p2h6v01bfeze16g', 1795407206799237, 'user', 'someone', 'someone', 'desk', 'desk.incident.commented', 'incident', '01m839qpacb15g5bk8x2tzbema', '01m839qp218jebe5e70pc73dam', '["01m839qp218jebe5e70pc73dam"]', '', 'INC-000001 commented by someone', '{"assignee":"","id":"01m839qpacb15g5bk8x2tzbema","item":"01m839qp218jebe5e70pc73dam","number":"INC-000001","priority":"P3","requester":"","services":["01m839qp0g0tws6gdyt6d37bb3","01m839qnyjap9gh2w97zgejr4r"],"severity":"major","situation":"01m839qpa08f57km9esdc3yqn8","state":"new","team":"","title":"The disk is full"}', '', '\xb786bedd949d7ddbf5ddffabeb030fdd9a18f371fc932a6441ace3bbc7fc4e57');
INSERT INTO ledger_head VALUES (1, 28, '\xb786bedd949d7ddbf5ddffabeb030fdd9a18f371fc932a6441ace3bbc7fc4e57');
INSERT INTO ledger_item VALUES ('01m839qnx6bqrxav4vg8cpx4hv', 2);
INSERT INTO ledger_item VALUES ('01m839qnyjap9gh2w97zgejr4r', 3);
INSERT INTO ledger_item VALUES ('01m839qnz9c7kk3jkhmm6srqx7', 4);
INSERT INTO ledger_item VALUES ('01m839qnyjap9gh2w97zgejr4r', 5);
INSERT INTO ledger_item VALUES ('01m839qnz9c7kk3jkhmm6srqx7', 5);
INSERT INTO ledger_item VALUES ('01m839qp0g0tws6gdyt6d37bb3', 6);
INSERT INTO ledger_item VALUES ('01m839qnz9c7kk3jkhmm6srqx7', 7);
INSERT INTO ledger_item VALUES ('01m839qp0g0tws6gdyt6d37bb3', 7);
INSERT INTO ledger_item VALUES ('01m839qp218jebe5e70pc73dam', 8);
INSERT INTO ledger_item VALUES ('01m839qp0g0tws6gdyt6d37bb3', 9);
INSERT INTO ledger_item VALUES ('01m839qp218jebe5e70pc73dam', 9);
INSERT INTO ledger_item VALUES ('01m839qp218jebe5e70pc73dam', 22);
INSERT INTO ledger_item VALUES ('01m839qp218jebe5e70pc73dam', 26);
INSERT INTO ledger_item VALUES ('01m839qp218jebe5e70pc73dam', 27);
INSERT INTO ledger_item VALUES ('01m839qp218jebe5e70pc73dam', 28);
INSERT INTO monitor_check VALUES ('01m839qp2m97bkr5yqsv1zy6g7', 'shop-database', 'tcp', '', false, '{"description":"PostgreSQL takes connections","identities":[{"kind":"declared","value":"shop-database"}],"timeout":"2s","tcp":{"address":"127.0.0.1:15432"},"interval":"2s","retries":1,"retryInterval":"1s","runOn":"agent"}', 1, 1795407206484754, 1795407206484754);
INSERT INTO monitor_check VALUES ('01m839qp2scpsp4c1z0wphq15t', 'shop-application', 'http', '', false, '{"description":"The application shows its products","identities":[{"kind":"declared","value":"shop-application"}],"timeout":"5s","http":{"url":"http://127.0.0.1:18081/","status":["200"],"match":"Rocket skates"},"interval":"2s","retries":2,"retryInterval":"1s","runOn":"agent"}', 1, 1795407206489022, 1795407206489022);
INSERT INTO monitor_check VALUES ('01m839qp2z470m99d03jw6pwph', 'shop-nginx', 'http', '', false, '{"description":"Customers see the shop","identities":[{"kind":"declared","value":"shop-nginx"}],"timeout":"8s","http":{"url":"http://127.0.0.1:18080/","status":["200"],"match":"Web shop","latency":{"warning":"1s","critical":"5s"}},"interval":"2s","retries":3,"retryInterval":"1s","runOn":"agent"}', 1, 1795407206495720, 1795407206495720);
INSERT INTO monitor_rule VALUES ('01m839qp38cfteyaw8csk1q38t', 'shop-slow', '', false, '{"description":"The shop answers, but customers wait","expr":"avg_over_time(mainstay_check_duration_seconds{check=\"shop-nginx\"}[2m]) \u003e 1","for":"1m","interval":"15s","severity":"minor","title":"The web shop needs {{ $value | humanizeDuration }} for a page"}', 1, 1795407206504718, 1795407206504718);
INSERT INTO monitor_target VALUES ('01m839qp2m97bkr5yqsv1zy6g7', '01m839qp2m97bkr5yqsv1zy6g7', '01m839qp218jebe5e70pc73dam', 'pending', false, 0, 0, 0, 0, '', '{}');
INSERT INTO monitor_target VALUES ('01m839qp2scpsp4c1z0wphq15t', '01m839qp2scpsp4c1z0wphq15t', '01m839qp0g0tws6gdyt6d37bb3', 'pending', false, 0, 0, 0, 0, '', '{}');
INSERT INTO monitor_target VALUES ('01m839qp2z470m99d03jw6pwph', '01m839qp2z470m99d03jw6pwph', '01m839qnz9c7kk3jkhmm6srqx7', 'pending', false, 0, 0, 0, 0, '', '{}');
INSERT INTO schema_agents VALUES (1, 0, true, '2026-11-23 04:13:24.951233');
INSERT INTO schema_agents VALUES (2, 1, true, '2026-11-23 04:13:24.955715');
INSERT INTO schema_desk VALUES (1, 0, true, '2026-11-23 04:13:25.301114');
INSERT INTO schema_desk VALUES (2, 1, true, '2026-11-23 04:13:25.316033');
INSERT INTO schema_events VALUES (1, 0, true, '2026-11-23 04:13:25.107543');
INSERT INTO schema_events VALUES (2, 1, true, '2026-11-23 04:13:25.112758');
INSERT INTO schema_graph VALUES (1, 0, true, '2026-11-23 04:13:24.974568');
INSERT INTO schema_graph VALUES (2, 1, true, '2026-11-23 04:13:24.983347');
INSERT INTO schema_httpapi VALUES (1, 0, true, '2026-11-23 04:13:24.865467');
INSERT INTO schema_httpapi VALUES (2, 1, true, '2026-11-23 04:13:24.872904');
INSERT INTO schema_identity VALUES (1, 0, true, '2026-11-23 04:13:24.904025');
INSERT INTO schema_identity VALUES (2, 1, true, '2026-11-23 04:13:24.913434');
INSERT INTO schema_jobs VALUES (1, 0, true, '2026-11-23 04:13:25.453625');
INSERT INTO schema_jobs VALUES (2, 1, true, '2026-11-23 04:13:25.472444');
INSERT INTO schema_ledger VALUES (1, 0, true, '2026-11-23 04:13:24.788489');
INSERT INTO schema_ledger VALUES (2, 1, true, '2026-11-23 04:13:24.807138');
INSERT INTO schema_monitor VALUES (1, 0, true, '2026-11-23 04:13:25.048815');
INSERT INTO schema_monitor VALUES (2, 1, true, '2026-11-23 04:13:25.055621');
INSERT INTO schema_secrets VALUES (1, 0, true, '2026-11-23 04:13:24.882474');
INSERT INTO schema_secrets VALUES (2, 1, true, '2026-11-23 04:13:24.891797');
INSERT INTO schema_tasks VALUES (1, 0, true, '2026-11-23 04:13:24.844206');
INSERT INTO schema_tasks VALUES (2, 1, true, '2026-11-23 04:13:24.851327');
INSERT INTO secrets_key VALUES (1, '');
INSERT INTO tasks_task VALUES ('01m839qnq50fhfw1c1q48m02yk', 'jobs-runs', 'jobs.purge', 'purge', 'delayed', false, 0, 1795410806295646, 1, 0, -1, '', 0, 1795407206117246, 1795407206144500, '', 'null');
SELECT pg_catalog.setval('schema_agents_id_seq', 2, true);
SELECT pg_catalog.setval('schema_desk_id_seq', 2, true);
SELECT pg_catalog.setval('schema_events_id_seq', 2, true);
SELECT pg_catalog.setval('schema_graph_id_seq', 2, true);
SELECT pg_catalog.setval('schema_httpapi_id_seq', 2, true);
SELECT pg_catalog.setval('schema_identity_id_seq', 2, true);
SELECT pg_catalog.setval('schema_jobs_id_seq', 2, true);
SELECT pg_catalog.setval('schema_ledger_id_seq', 2, true);
SELECT pg_catalog.setval('schema_monitor_id_seq', 2, true);
SELECT pg_catalog.setval('schema_secrets_id_seq', 2, true);
SELECT pg_catalog.setval('schema_tasks_id_seq', 2, true);
ALTER TABLE ONLY agents_agent
    ADD CONSTRAINT agents_agent_pkey PRIMARY KEY (id);
ALTER TABLE ONLY agents_enrolment
    ADD CONSTRAINT agents_enrolment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY auth_grant
    ADD CONSTRAINT auth_grant_pkey PRIMARY KEY (user_id, role, team, source);
ALTER TABLE ONLY auth_recovery
    ADD CONSTRAINT auth_recovery_pkey PRIMARY KEY (user_id, hash);
ALTER TABLE ONLY auth_role
    ADD CONSTRAINT auth_role_pkey PRIMARY KEY (name);
ALTER TABLE ONLY auth_session
    ADD CONSTRAINT auth_session_hash_key UNIQUE (hash);
ALTER TABLE ONLY auth_session
    ADD CONSTRAINT auth_session_pkey PRIMARY KEY (id);
ALTER TABLE ONLY auth_setup
    ADD CONSTRAINT auth_setup_pkey PRIMARY KEY (id);
ALTER TABLE ONLY auth_team
    ADD CONSTRAINT auth_team_name_key UNIQUE (name);
ALTER TABLE ONLY auth_team
    ADD CONSTRAINT auth_team_pkey PRIMARY KEY (id);
ALTER TABLE ONLY auth_token
    ADD CONSTRAINT auth_token_hash_key UNIQUE (hash);
ALTER TABLE ONLY auth_token
    ADD CONSTRAINT auth_token_pkey PRIMARY KEY (id);
ALTER TABLE ONLY auth_user
    ADD CONSTRAINT auth_user_pkey PRIMARY KEY (id);
ALTER TABLE ONLY auth_user
    ADD CONSTRAINT auth_user_username_key UNIQUE (username);
ALTER TABLE ONLY desk_attachment
    ADD CONSTRAINT desk_attachment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY desk_clock
    ADD CONSTRAINT desk_clock_pkey PRIMARY KEY (incident, kind);
ALTER TABLE ONLY desk_comment
    ADD CONSTRAINT desk_comment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY desk_document
    ADD CONSTRAINT desk_document_pkey PRIMARY KEY (kind, name);
ALTER TABLE ONLY desk_incident_item
    ADD CONSTRAINT desk_incident_item_pkey PRIMARY KEY (incident, item);
ALTER TABLE ONLY desk_incident
    ADD CONSTRAINT desk_incident_number_key UNIQUE (number);
ALTER TABLE ONLY desk_incident
    ADD CONSTRAINT desk_incident_pkey PRIMARY KEY (id);
ALTER TABLE ONLY desk_incident
    ADD CONSTRAINT desk_incident_situation_key UNIQUE (situation);
ALTER TABLE ONLY desk_run
    ADD CONSTRAINT desk_run_pkey PRIMARY KEY (incident, run);
ALTER TABLE ONLY desk_sequence
    ADD CONSTRAINT desk_sequence_pkey PRIMARY KEY (name);
ALTER TABLE ONLY desk_timeline
    ADD CONSTRAINT desk_timeline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY events_alert
    ADD CONSTRAINT events_alert_pkey PRIMARY KEY (id);
ALTER TABLE ONLY events_comment
    ADD CONSTRAINT events_comment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY events_correlator
    ADD CONSTRAINT events_correlator_pkey PRIMARY KEY (id);
ALTER TABLE ONLY events_event
    ADD CONSTRAINT events_event_pkey PRIMARY KEY (id);
ALTER TABLE ONLY events_member
    ADD CONSTRAINT events_member_pkey PRIMARY KEY (situation, alert);
ALTER TABLE ONLY events_note
    ADD CONSTRAINT events_note_pkey PRIMARY KEY (id);
ALTER TABLE ONLY events_repeat
    ADD CONSTRAINT events_repeat_pkey PRIMARY KEY (id);
ALTER TABLE ONLY events_silence
    ADD CONSTRAINT events_silence_pkey PRIMARY KEY (id);
ALTER TABLE ONLY events_situation
    ADD CONSTRAINT events_situation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY graph_definition
    ADD CONSTRAINT graph_definition_pkey PRIMARY KEY (kind, name);
ALTER TABLE ONLY graph_duplicate
    ADD CONSTRAINT graph_duplicate_items_key UNIQUE (items);
ALTER TABLE ONLY graph_duplicate
    ADD CONSTRAINT graph_duplicate_pkey PRIMARY KEY (id);
ALTER TABLE ONLY graph_identity
    ADD CONSTRAINT graph_identity_pkey PRIMARY KEY (kind, value, item);
ALTER TABLE ONLY graph_item
    ADD CONSTRAINT graph_item_pkey PRIMARY KEY (id);
ALTER TABLE ONLY graph_merge
    ADD CONSTRAINT graph_merge_pkey PRIMARY KEY (id);
ALTER TABLE ONLY graph_observation
    ADD CONSTRAINT graph_observation_pkey PRIMARY KEY (key);
ALTER TABLE ONLY graph_past
    ADD CONSTRAINT graph_past_pkey PRIMARY KEY (id, valid_from);
ALTER TABLE ONLY graph_pending
    ADD CONSTRAINT graph_pending_pkey PRIMARY KEY (kind, value, class, from_item, type, source, scope);
ALTER TABLE ONLY graph_relation
    ADD CONSTRAINT graph_relation_pkey PRIMARY KEY (from_item, type, to_item, valid_from);
ALTER TABLE ONLY graph_report
    ADD CONSTRAINT graph_report_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY graph_version
    ADD CONSTRAINT graph_version_pkey PRIMARY KEY (id);
ALTER TABLE ONLY httpapi_outcome
    ADD CONSTRAINT httpapi_outcome_pkey PRIMARY KEY (id);
ALTER TABLE ONLY jobs_attempt
    ADD CONSTRAINT jobs_attempt_pkey PRIMARY KEY (run, step, attempt);
ALTER TABLE ONLY jobs_decision
    ADD CONSTRAINT jobs_decision_pkey PRIMARY KEY (id);
ALTER TABLE ONLY jobs_output
    ADD CONSTRAINT jobs_output_pkey PRIMARY KEY (run, seq);
ALTER TABLE ONLY jobs_remediation
    ADD CONSTRAINT jobs_remediation_pkey PRIMARY KEY (name);
ALTER TABLE ONLY jobs_run
    ADD CONSTRAINT jobs_run_pkey PRIMARY KEY (id);
ALTER TABLE ONLY jobs_runbook
    ADD CONSTRAINT jobs_runbook_pkey PRIMARY KEY (name);
ALTER TABLE ONLY jobs_setting
    ADD CONSTRAINT jobs_setting_pkey PRIMARY KEY (name);
ALTER TABLE ONLY jobs_step
    ADD CONSTRAINT jobs_step_pkey PRIMARY KEY (run, "position");
ALTER TABLE ONLY jobs_subject
    ADD CONSTRAINT jobs_subject_pkey PRIMARY KEY (kind, id);
ALTER TABLE ONLY ledger_checkpoint
    ADD CONSTRAINT ledger_checkpoint_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY ledger_cursor
    ADD CONSTRAINT ledger_cursor_pkey PRIMARY KEY (consumer);
ALTER TABLE ONLY ledger_entry
    ADD CONSTRAINT ledger_entry_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY ledger_head
    ADD CONSTRAINT ledger_head_pkey PRIMARY KEY (id);
ALTER TABLE ONLY ledger_item
    ADD CONSTRAINT ledger_item_pkey PRIMARY KEY (item, seq);
ALTER TABLE ONLY ledger_skipped
    ADD CONSTRAINT ledger_skipped_pkey PRIMARY KEY (consumer, seq);
ALTER TABLE ONLY monitor_check
    ADD CONSTRAINT monitor_check_name_key UNIQUE (name);
ALTER TABLE ONLY monitor_check
    ADD CONSTRAINT monitor_check_pkey PRIMARY KEY (id);
ALTER TABLE ONLY monitor_outbox
    ADD CONSTRAINT monitor_outbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY monitor_result
    ADD CONSTRAINT monitor_result_pkey PRIMARY KEY (target, at);
ALTER TABLE ONLY monitor_rule_alert
    ADD CONSTRAINT monitor_rule_alert_pkey PRIMARY KEY (rule_id, fingerprint);
ALTER TABLE ONLY monitor_rule
    ADD CONSTRAINT monitor_rule_name_key UNIQUE (name);
ALTER TABLE ONLY monitor_rule
    ADD CONSTRAINT monitor_rule_pkey PRIMARY KEY (id);
ALTER TABLE ONLY monitor_target
    ADD CONSTRAINT monitor_target_pkey PRIMARY KEY (id);
ALTER TABLE ONLY monitor_window
    ADD CONSTRAINT monitor_window_name_key UNIQUE (name);
ALTER TABLE ONLY monitor_window
    ADD CONSTRAINT monitor_window_pkey PRIMARY KEY (id);
ALTER TABLE ONLY schema_agents
    ADD CONSTRAINT schema_agents_pkey PRIMARY KEY (id);
ALTER TABLE ONLY schema_desk
    ADD CONSTRAINT schema_desk_pkey PRIMARY KEY (id);
ALTER TABLE ONLY schema_events
    ADD CONSTRAINT schema_events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY schema_graph
    ADD CONSTRAINT schema_graph_pkey PRIMARY KEY (id);
ALTER TABLE ONLY schema_httpapi
    ADD CONSTRAINT schema_httpapi_pkey PRIMARY KEY (id);
ALTER TABLE ONLY schema_identity
    ADD CONSTRAINT schema_identity_pkey PRIMARY KEY (id);
ALTER TABLE ONLY schema_jobs
    ADD CONSTRAINT schema_jobs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY schema_ledger
    ADD CONSTRAINT schema_ledger_pkey PRIMARY KEY (id);
ALTER TABLE ONLY schema_monitor
    ADD CONSTRAINT schema_monitor_pkey PRIMARY KEY (id);
ALTER TABLE ONLY schema_secrets
    ADD CONSTRAINT schema_secrets_pkey PRIMARY KEY (id);
ALTER TABLE ONLY schema_tasks
    ADD CONSTRAINT schema_tasks_pkey PRIMARY KEY (id);
ALTER TABLE ONLY secrets_key
    ADD CONSTRAINT secrets_key_pkey PRIMARY KEY (id);
ALTER TABLE ONLY secrets_secret
    ADD CONSTRAINT secrets_secret_pkey PRIMARY KEY (name);
ALTER TABLE ONLY secrets_version
    ADD CONSTRAINT secrets_version_pkey PRIMARY KEY (name, version);
ALTER TABLE ONLY tasks_task
    ADD CONSTRAINT tasks_task_pkey PRIMARY KEY (id);
CREATE INDEX agents_agent_item ON agents_agent USING btree (item);
CREATE UNIQUE INDEX agents_agent_name ON agents_agent USING btree (name);
CREATE UNIQUE INDEX agents_agent_nkey ON agents_agent USING btree (nkey);
CREATE INDEX agents_agent_seen ON agents_agent USING btree (connected, seen_at);
CREATE INDEX agents_enrolment_created ON agents_enrolment USING btree (created_at);
CREATE UNIQUE INDEX agents_enrolment_hash ON agents_enrolment USING btree (hash);
CREATE INDEX auth_grant_role ON auth_grant USING btree (role);
CREATE INDEX auth_grant_team ON auth_grant USING btree (team);
CREATE INDEX auth_session_expires ON auth_session USING btree (expires);
CREATE INDEX auth_session_previous ON auth_session USING btree (previous);
CREATE INDEX auth_session_user ON auth_session USING btree (user_id);
CREATE INDEX auth_token_user ON auth_token USING btree (user_id);
CREATE INDEX auth_user_subject ON auth_user USING btree (issuer, subject);
CREATE INDEX desk_attachment_incident ON desk_attachment USING btree (incident, id);
CREATE INDEX desk_clock_next ON desk_clock USING btree (next_at);
CREATE INDEX desk_comment_incident ON desk_comment USING btree (incident, id);
CREATE INDEX desk_incident_assignee ON desk_incident USING btree (assignee, state);
CREATE INDEX desk_incident_item_item ON desk_incident_item USING btree (item);
CREATE INDEX desk_incident_opened ON desk_incident USING btree (opened_at, id);
CREATE INDEX desk_incident_requester ON desk_incident USING btree (requester, opened_at);
CREATE INDEX desk_incident_state ON desk_incident USING btree (state, resolved_at);
CREATE INDEX desk_timeline_incident ON desk_timeline USING btree (incident, at, id);
CREATE INDEX events_alert_active ON events_alert USING btree (severity, opened_at, id) WHERE active;
CREATE INDEX events_alert_changed ON events_alert USING btree (changed_at);
CREATE INDEX events_alert_due ON events_alert USING btree (due_at) WHERE (due_at > 0);
CREATE INDEX events_alert_item ON events_alert USING btree (item, opened_at) WHERE (item <> ''::text);
CREATE UNIQUE INDEX events_alert_key ON events_alert USING btree (alert_key) WHERE latest;
CREATE INDEX events_alert_opened ON events_alert USING btree (opened_at, id);
CREATE INDEX events_alert_situation ON events_alert USING btree (situation) WHERE (situation <> ''::text);
CREATE INDEX events_comment_subject ON events_comment USING btree (subject_kind, subject_id, id);
CREATE INDEX events_event_alert ON events_event USING btree (alert, id);
CREATE INDEX events_member_alert ON events_member USING btree (alert);
CREATE INDEX events_note_situation ON events_note USING btree (situation, id);
CREATE INDEX events_repeat_waiting ON events_repeat USING btree (id) WHERE (NOT applied);
CREATE INDEX events_silence_ends ON events_silence USING btree (ends_at);
CREATE INDEX events_situation_due ON events_situation USING btree (due_at) WHERE (due_at > 0);
CREATE INDEX events_situation_opened ON events_situation USING btree (opened_at, id);
CREATE INDEX events_situation_state ON events_situation USING btree (state, closed_at);
CREATE INDEX graph_duplicate_state ON graph_duplicate USING btree (state, opened_at);
CREATE INDEX graph_identity_item ON graph_identity USING btree (item);
CREATE INDEX graph_item_class ON graph_item USING btree (class, name);
CREATE INDEX graph_item_missing ON graph_item USING btree (missing_at) WHERE (missing_at > 0);
CREATE INDEX graph_item_name ON graph_item USING btree (name);
CREATE INDEX graph_item_updated ON graph_item USING btree (updated_at);
CREATE INDEX graph_item_version ON graph_item USING btree (version);
CREATE INDEX graph_merge_merged ON graph_merge USING btree (merged);
CREATE INDEX graph_merge_survivor ON graph_merge USING btree (survivor);
CREATE INDEX graph_observation_fresh ON graph_observation USING btree (class, seen_at) WHERE (NOT stale);
CREATE INDEX graph_observation_item ON graph_observation USING btree (item);
CREATE INDEX graph_observation_scope ON graph_observation USING btree (source, scope, class);
CREATE INDEX graph_past_valid ON graph_past USING btree (valid_to, valid_from);
CREATE INDEX graph_pending_from ON graph_pending USING btree (from_item);
CREATE INDEX graph_relation_to ON graph_relation USING btree (to_item);
CREATE INDEX graph_relation_version ON graph_relation USING btree (version);
CREATE INDEX graph_report_scope ON graph_report USING btree (source, scope);
CREATE INDEX httpapi_outcome_started ON httpapi_outcome USING btree (started_at);
CREATE UNIQUE INDEX jobs_decision_active ON jobs_decision USING btree (remediation, subject_id, item) WHERE active;
CREATE INDEX jobs_decision_created ON jobs_decision USING btree (created_at) WHERE (NOT active);
CREATE INDEX jobs_decision_item ON jobs_decision USING btree (remediation, item, created_at);
CREATE INDEX jobs_decision_remediation ON jobs_decision USING btree (remediation, created_at);
CREATE INDEX jobs_decision_subject ON jobs_decision USING btree (subject_id);
CREATE INDEX jobs_run_created ON jobs_run USING btree (created_at);
CREATE INDEX jobs_run_finished ON jobs_run USING btree (finished_at) WHERE (finished_at <> 0);
CREATE INDEX jobs_run_incident ON jobs_run USING btree (incident) WHERE (incident <> ''::text);
CREATE INDEX jobs_run_item ON jobs_run USING btree (item) WHERE (item <> ''::text);
CREATE INDEX jobs_run_runbook ON jobs_run USING btree (runbook, state, id);
CREATE INDEX jobs_run_situation ON jobs_run USING btree (situation) WHERE (situation <> ''::text);
CREATE INDEX jobs_step_waiting ON jobs_step USING btree (run) WHERE (state = 'waiting'::text);
CREATE INDEX ledger_entry_at ON ledger_entry USING btree (at);
CREATE UNIQUE INDEX ledger_entry_id ON ledger_entry USING btree (id);
CREATE INDEX ledger_entry_subject ON ledger_entry USING btree (subject_kind, subject_id, seq);
CREATE INDEX ledger_item_seq ON ledger_item USING btree (seq);
CREATE UNIQUE INDEX monitor_target_check ON monitor_target USING btree (check_id, item);
CREATE INDEX monitor_target_item ON monitor_target USING btree (item);
CREATE INDEX secrets_version_key ON secrets_version USING btree (key_id);
CREATE INDEX tasks_task_dead ON tasks_task USING btree (created_at) WHERE (state = 'dead'::text);
CREATE UNIQUE INDEX tasks_task_dedup ON tasks_task USING btree (kind, dedup) WHERE ((dedup <> ''::text) AND (state <> 'dead'::text));
CREATE INDEX tasks_task_delayed ON tasks_task USING btree (queue, run_at) WHERE (state = 'delayed'::text);
CREATE INDEX tasks_task_running ON tasks_task USING btree (queue, lease_until) WHERE (state = 'running'::text);
CREATE INDEX tasks_task_waiting ON tasks_task USING btree (queue, priority DESC, run_at, id) WHERE (state = 'waiting'::text);
ALTER TABLE ONLY auth_grant
    ADD CONSTRAINT auth_grant_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth_user(id) ON DELETE CASCADE;
ALTER TABLE ONLY auth_recovery
    ADD CONSTRAINT auth_recovery_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth_user(id) ON DELETE CASCADE;
ALTER TABLE ONLY auth_session
    ADD CONSTRAINT auth_session_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth_user(id) ON DELETE CASCADE;
ALTER TABLE ONLY auth_token
    ADD CONSTRAINT auth_token_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth_user(id) ON DELETE CASCADE;
ALTER TABLE ONLY jobs_attempt
    ADD CONSTRAINT jobs_attempt_run_fkey FOREIGN KEY (run) REFERENCES jobs_run(id) ON DELETE CASCADE;
ALTER TABLE ONLY jobs_output
    ADD CONSTRAINT jobs_output_run_fkey FOREIGN KEY (run) REFERENCES jobs_run(id) ON DELETE CASCADE;
ALTER TABLE ONLY jobs_step
    ADD CONSTRAINT jobs_step_run_fkey FOREIGN KEY (run) REFERENCES jobs_run(id) ON DELETE CASCADE;
ALTER TABLE ONLY secrets_version
    ADD CONSTRAINT secrets_version_name_fkey FOREIGN KEY (name) REFERENCES secrets_secret(name) ON DELETE CASCADE;
