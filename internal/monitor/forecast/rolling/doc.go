// Package rolling scores forecasts: from many moments of a series, each time
// knowing only what was before, and against the seasonal naive forecast.
package rolling
