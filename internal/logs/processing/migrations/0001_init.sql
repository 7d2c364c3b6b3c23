-- Declared documents of the kind LogProcessing.
CREATE TABLE logs_processing (
    name       {{text}} NOT NULL PRIMARY KEY,
    spec       {{text}} NOT NULL,
    updated_at BIGINT   NOT NULL
);
