// Package foresight says what series usually are, which of their points are
// unusual, and when what fills is full: the kinds Baseline and CapacityPool.
//
// The path of one point of a watched series: at each step a Baseline's
// expression is asked; its profile (package baseline) gives the band, its
// detector (package anomaly) the score; both are written as series of their own
// (mainstay_baseline_low, _mid, _high and mainstay_anomaly_score), so that rules
// and charts use them like any other. Nothing here opens an alert.
//
// The path of one thing that fills: some times a day a pool's expressions are
// asked for the day; one value a day is kept for each series; package forecast
// continues it; the dates at which it reaches its limit are stored, listed by
// date, and published as mainstay_capacity_full_seconds.
//
// Invariants: one process of all that share the store works, the others answer.
// Profiles and days are in SQL, bounded for each series, series are bounded for
// each document, and what was left out is counted and shown. Detectors are
// rebuilt from the metric store at the start.
package foresight
