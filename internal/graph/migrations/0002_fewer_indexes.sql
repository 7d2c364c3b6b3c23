-- Versions and times of changes increase together: the index of the times serves both.
DROP INDEX graph_item_version;
