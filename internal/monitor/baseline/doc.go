// Package baseline learns what a series usually is at each hour of the week.
//
// The path of one point: it joins the points of its hour; when the hour is
// over, their median and spread become that week's word on that hour of the
// week; of each hour the last weeks are kept. What is expected is the median of
// the weeks, drawn towards the median of the same hour on all days as far as
// the weeks do not confirm the difference, so that a few days already give a
// band and one odd week moves it little.
//
// Promises: memory and the encoded form are bounded (see Size); the same points
// give the same band; no clock. A Profile is not safe for concurrent use.
package baseline
