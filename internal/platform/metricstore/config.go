package metricstore

import (
	"net/url"
	"time"

	"mainstay/internal/core"
)

// Configuration of a store.
type Configuration struct {
	// Directory of the embedded engine.
	Directory string `yaml:"directory" json:"directory"`
	// Retention is how long samples are kept.
	Retention time.Duration `yaml:"retention" json:"retention"`
	// Retention5m and Retention1h are how long rollups of five minutes and of an
	// hour are kept, at least as long as the samples; 0 keeps none.
	Retention5m time.Duration `yaml:"retention5m" json:"retention5m"`
	Retention1h time.Duration `yaml:"retention1h" json:"retention1h"`
	// MaxBytes bounds the blocks on disk; 0 is no bound. The oldest go first.
	MaxBytes int64 `yaml:"maxBytes" json:"maxBytes"`
	// OutOfOrder is how much older than its series' newest a sample may be.
	OutOfOrder time.Duration `yaml:"outOfOrder" json:"outOfOrder"`
	// MinFree is the free space in bytes below which ingestion stops.
	MinFree uint64 `yaml:"minFree" json:"minFree"`
	// FreeEvery is how often the free space is sampled.
	FreeEvery time.Duration `yaml:"freeEvery" json:"freeEvery"`
	// QueryTimeout and QuerySamples bound one query, QueryConcurrency all of them.
	QueryTimeout     time.Duration `yaml:"queryTimeout" json:"queryTimeout"`
	QuerySamples     int           `yaml:"querySamples" json:"querySamples"`
	QueryConcurrency int           `yaml:"queryConcurrency" json:"queryConcurrency"`
	// QueryCacheBytes bounds the remembered answers of range queries; 0 remembers none.
	QueryCacheBytes int64 `yaml:"queryCacheBytes" json:"queryCacheBytes"`
	// Experimental switches PromQL's experimental parts on.
	Experimental bool `yaml:"experimental" json:"experimental"`
	// MaxBody bounds one ingestion request, before and after decompression.
	MaxBody int64 `yaml:"maxBody" json:"maxBody"`
	// MaxSeries is how many series may be active, those of the last hours; 0 is
	// no bound. Series beyond it are refused, and an alert tells so.
	MaxSeries int `yaml:"maxSeries" json:"maxSeries"`
	// OwnMetrics says whether the store keeps metrics of itself among the others,
	// at the time it is: not where samples are of another time.
	OwnMetrics bool `yaml:"ownMetrics" json:"ownMetrics"`
	// NewSeriesBurst is how many new series a source (a job of a receiver) may
	// begin at once, NewSeriesPerMinute how many lastingly; all sources together
	// five times that. A burst of 0 is no bound.
	NewSeriesBurst     int `yaml:"newSeriesBurst" json:"newSeriesBurst"`
	NewSeriesPerMinute int `yaml:"newSeriesPerMinute" json:"newSeriesPerMinute"`
	// Remote, when its URLs are set, replaces the embedded engine.
	Remote Remote `yaml:"remote" json:"remote"`
}

// Remote points at another server.
type Remote struct {
	WriteURL string            `yaml:"writeURL" json:"writeURL"` // takes remote write 1.0
	QueryURL string            `yaml:"queryURL" json:"queryURL"` // below it: /api/v1/query
	Headers  map[string]string `yaml:"headers" json:"-"`         // sent with each request; may hold credentials
	Timeout  time.Duration     `yaml:"timeout" json:"timeout"`
}

// Defaults keep 90 days of samples, rollups of 5 minutes for 400 days and of an
// hour for five years, and stop at 512 MiB free. Samples may be half a day
// late: as long as an agent's queue lasts that was out of reach.
func Defaults() Configuration {
	return Configuration{
		Retention:        90 * 24 * time.Hour,
		Retention5m:      400 * 24 * time.Hour,
		Retention1h:      5 * 365 * 24 * time.Hour,
		OutOfOrder:       12 * time.Hour,
		MinFree:          512 << 20,
		FreeEvery:        time.Second,
		QueryTimeout:     time.Minute,
		QuerySamples:     20_000_000,
		QueryConcurrency: 16,
		QueryCacheBytes:  128 << 20,
		MaxBody:          32 << 20,
		MaxSeries:        2_000_000,
		OwnMetrics:       true,
		NewSeriesBurst:   100_000, NewSeriesPerMinute: 20_000,
		Remote: Remote{Timeout: 30 * time.Second},
	}
}

// IsRemote says that another server keeps the series.
func (c Configuration) IsRemote() bool { return c.Remote.WriteURL != "" || c.Remote.QueryURL != "" }

// Validate names every field that breaks a rule.
func (c Configuration) Validate() error {
	var bad []core.Detail
	fail := func(field, rule string) { bad = append(bad, core.Detail{Field: field, Rule: rule}) }
	if c.IsRemote() {
		for field, raw := range map[string]string{"remote.writeURL": c.Remote.WriteURL, "remote.queryURL": c.Remote.QueryURL} {
			u, err := url.Parse(raw)
			if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
				fail(field, "must be an http or https URL; both remote URLs are needed")
			}
		}
	} else if c.Directory == "" {
		fail("directory", "must be given")
	}
	if c.Retention < 2*time.Hour {
		fail("retention", "must be at least 2h")
	}
	for field, d := range map[string]time.Duration{"retention5m": c.Retention5m, "retention1h": c.Retention1h} {
		if d < 0 {
			fail(field, "must not be negative")
		}
	}
	// Samples are rolled up again until none can come late.
	if (c.Retention5m != 0 || c.Retention1h != 0) && c.Retention < c.OutOfOrder+6*time.Hour {
		fail("retention", "must be 6h longer than outOfOrder where rollups are kept")
	}
	if c.QueryCacheBytes < 0 {
		fail("queryCacheBytes", "must not be negative")
	}
	if c.MaxBytes < 0 {
		fail("maxBytes", "must not be negative")
	}
	if c.OutOfOrder < 0 || c.OutOfOrder > 24*time.Hour {
		fail("outOfOrder", "must be between 0s and 24h")
	}
	if c.FreeEvery <= 0 {
		fail("freeEvery", "must be positive")
	}
	if c.QueryTimeout <= 0 {
		fail("queryTimeout", "must be positive")
	}
	if c.QuerySamples <= 0 {
		fail("querySamples", "must be positive")
	}
	if c.QueryConcurrency <= 0 {
		fail("queryConcurrency", "must be positive")
	}
	if c.MaxBody <= 0 {
		fail("maxBody", "must be positive")
	}
	if c.MaxSeries < 0 {
		fail("maxSeries", "must not be negative")
	}
	if c.NewSeriesBurst < 0 {
		fail("newSeriesBurst", "must not be negative")
	}
	if c.NewSeriesPerMinute < 0 {
		fail("newSeriesPerMinute", "must not be negative")
	}
	return core.InvalidAll(bad)
}
