-- Counts are kept by dataset, so that who may not read a dataset is not shown
-- its patterns. Until now all records were of the default one.
CREATE TABLE logs_pattern_count_by_dataset (
    bucket  BIGINT   NOT NULL,
    pattern {{text}} NOT NULL,
    app     {{text}} NOT NULL,
    dataset {{text}} NOT NULL,
    count   BIGINT   NOT NULL,
    PRIMARY KEY (bucket, pattern, app, dataset)
);
INSERT INTO logs_pattern_count_by_dataset (bucket, pattern, app, dataset, count)
SELECT bucket, pattern, app, '', count FROM logs_pattern_count;
DROP TABLE logs_pattern_count;
ALTER TABLE logs_pattern_count_by_dataset RENAME TO logs_pattern_count;
CREATE INDEX logs_pattern_count_pattern ON logs_pattern_count (pattern, bucket);
