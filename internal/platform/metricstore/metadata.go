package metricstore

import (
	"context"
	"maps"
	"strings"
	"sync"
)

// maxMetadata bounds how many metrics' descriptions are kept.
const maxMetadata = 20_000

// metadataStore keeps what metrics mean. It is refilled by those who write
// them, so it lives in memory alone.
type metadataStore struct {
	mu    sync.RWMutex
	known map[string]Metadata
}

func newMetadataStore() *metadataStore { return &metadataStore{known: map[string]Metadata{}} }

func (m *metadataStore) put(metrics ...Metadata) {
	for _, md := range metrics {
		if md.Type == "" {
			md.Type = "unknown"
		}
		m.mu.RLock()
		old, known := m.known[md.Metric]
		full := len(m.known) >= maxMetadata
		m.mu.RUnlock()
		if old == md || (!known && full) {
			continue
		}
		m.mu.Lock()
		// The strings of a received request share its buffer: keep copies.
		md.Metric, md.Type, md.Help, md.Unit = strings.Clone(md.Metric), strings.Clone(md.Type), strings.Clone(md.Help), strings.Clone(md.Unit)
		m.known[md.Metric] = md
		m.mu.Unlock()
	}
}

// list returns at most limit descriptions (0: all), of one metric when named.
func (m *metadataStore) list(metric string, limit int) map[string][]Metadata {
	m.mu.RLock()
	defer m.mu.RUnlock()
	out := map[string][]Metadata{}
	if metric != "" {
		if md, ok := m.known[metric]; ok {
			out[metric] = []Metadata{md}
		}
		return out
	}
	for name, md := range m.known {
		if limit > 0 && len(out) >= limit {
			break
		}
		out[name] = []Metadata{md}
	}
	return out
}

// Metadata implements Store.
func (s *local) Metadata(context.Context) (map[string]Metadata, error) { return s.meta.all(), nil }

// Metadata implements Store: what was described here. What the other server
// knows of what others write to it is in its own endpoint.
func (s *remote) Metadata(context.Context) (map[string]Metadata, error) { return s.meta.all(), nil }

// all returns a copy of what is known.
func (m *metadataStore) all() map[string]Metadata {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return maps.Clone(m.known)
}
