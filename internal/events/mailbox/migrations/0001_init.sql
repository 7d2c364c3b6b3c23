CREATE TABLE mailbox_document (
    name       {{text}} NOT NULL PRIMARY KEY,
    spec       {{text}} NOT NULL,
    updated_at BIGINT   NOT NULL
);

-- How far each mailbox has been read.
CREATE TABLE mailbox_position (
    name     {{text}} NOT NULL PRIMARY KEY,
    place    {{text}} NOT NULL, -- user, server and folder that it is about
    validity BIGINT   NOT NULL, -- UIDVALIDITY
    done     BIGINT   NOT NULL, -- the UID up to which all messages are done
    fresh    BIGINT   NOT NULL, -- messages with a lower UID are taken only if nobody read them
    unmarked BIGINT   NOT NULL  -- the UID whose events are kept, and which may not have been marked; 0 for none
);
