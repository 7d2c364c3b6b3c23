CREATE TABLE scraping_scrape (
    id         {{text}} NOT NULL PRIMARY KEY,
    name       {{text}} NOT NULL UNIQUE,
    team       {{text}} NOT NULL,
    disabled   BOOLEAN  NOT NULL,
    spec       {{text}} NOT NULL,
    version    BIGINT   NOT NULL,
    created_at BIGINT   NOT NULL,
    updated_at BIGINT   NOT NULL
);

-- What the process that scrapes last said of each target. A document that
-- cannot be loaded has one row without an address.
CREATE TABLE scraping_target (
    id          {{text}} NOT NULL PRIMARY KEY,
    scrape      {{text}} NOT NULL,
    team        {{text}} NOT NULL,
    address     {{text}} NOT NULL,
    item        {{text}} NOT NULL,
    health      {{text}} NOT NULL,
    error       {{text}} NOT NULL,
    labels      {{text}} NOT NULL,
    scraped_at  BIGINT   NOT NULL,
    duration    BIGINT   NOT NULL
);
CREATE INDEX scraping_target_scrape ON scraping_target (scrape);
CREATE INDEX scraping_target_item ON scraping_target (item);
