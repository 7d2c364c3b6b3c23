// Package nab scores anomaly detectors as the Numenta Anomaly Benchmark does
// with its standard profile, and reads its series.
package nab
