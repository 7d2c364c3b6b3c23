// Package rollup keeps what raw samples were, for much longer than they are
// kept: per series and bucket of 5 minutes and of 1 hour the minimum, maximum,
// sum, count, last value and increase (counter resets taken into account).
//
// The path of one bucket: raw samples of a span of two hours are read series by
// series in bounded batches, summed up, written as blocks of the engine's own
// format into a directory for work in progress, joined to one block and put in
// place by a rename. A pass that is killed leaves nothing in place and is
// repeated; one that runs twice puts the same block in place of its own. Later,
// when no sample can come late any more, the spans of a day become one block,
// and the days of sixteen.
//
// Which block is true: of two blocks the newer wins when its span covers the
// other's. Spans are in the names, so that is decided without a manifest.
//
// Late samples: Touched calls the spans they fall into stale. A stale span is
// answered from raw samples until it has been built again. After a start
// without a clean stop all spans that late samples may still reach are stale.
//
// The aggregates of one series carry the label __rollup__; Rewrite turns an
// expression over raw samples into one over them, and says whether its value
// is the same. A bucket is open at its start and closed at its end, as PromQL's
// windows are, and stands at its end. Metrics named in the engine's usual way
// with native histograms are rolled up too (last, sum, count, increase).
package rollup
