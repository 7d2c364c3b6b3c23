// Package forecast continues a series, with an interval that is as wide as the
// same method was wrong before.
//
// The path of one forecast: gaps are filled; opinions (the last value, a level,
// a robust trend since the last shift of level, the profile of the day and of
// the week, with and without trend, what followed after similar hours) are each
// tried from earlier moments of the series; what was wrong less counts more, for
// near and far horizons apart; the errors of that mixture at those moments are
// the interval (split conformal prediction over rolling origins).
//
// Promises: pure functions, no clock, no state, no chance: the same values give
// the same forecast. Points are evenly spaced; NaN is a gap.
package forecast
