package lines

import (
	"strings"

	"github.com/prometheus/prometheus/model/labels"
)

// metricName makes a name that can be written in PromQL without quotes.
func metricName(parts ...string) string { return plain(strings.Join(parts, "_"), true) }

// labelName does the same for a label. Names that begin with __ are not the sender's to use.
func labelName(name string) string {
	name = plain(name, false)
	if strings.HasPrefix(name, "__") {
		name = strings.TrimLeft(name, "_")
	}
	if name == "" {
		return "tag"
	}
	return name
}

// plain replaces what is not a letter, a digit or _ (Prometheus data model).
func plain(name string, colon bool) string {
	var b strings.Builder
	for i, r := range name {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '_', colon && r == ':':
			b.WriteRune(r)
		case r >= '0' && r <= '9':
			if i == 0 {
				b.WriteByte('_')
			}
			b.WriteRune(r)
		default:
			b.WriteByte('_')
		}
	}
	return b.String()
}

// tags builds the labels of a series.
type tags struct{ b *labels.Builder }

func newTags() tags { return tags{labels.NewBuilder(labels.EmptyLabels())} }

func (t tags) set(name, value string) { t.b.Set(labelName(name), strings.ToValidUTF8(value, "\uFFFD")) }

// named gives the series of a metric with the tags. An item is not the sender's
// to name: its tag of that name becomes exported_item, as Prometheus calls labels
// that it uses itself.
func (t tags) named(metric string) labels.Labels {
	if theirs := t.b.Get("item"); theirs != "" {
		t.b.Del("item").Set("exported_item", theirs)
	}
	t.b.Set(labels.MetricName, metric)
	return t.b.Labels()
}
