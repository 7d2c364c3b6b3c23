-- Lists count the checks in a state without reading what each of them says.
CREATE INDEX monitor_target_status ON monitor_target (check_id, status);
