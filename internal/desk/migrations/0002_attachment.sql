-- Whether an incident has a stored file.
CREATE INDEX desk_attachment_content ON desk_attachment (sha256);
