package wire

import (
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/probe/browse"
	"mainstay/internal/platform/probe/sqlquery"
)

// browsersAtOnce bounds the browsers of one process: each takes some hundred MB.
const browsersAtOnce = 2

// ProbeDrivers run the probes whose libraries the small agent does without, and the browser.
func ProbeDrivers() map[string]probe.Driver {
	return map[string]probe.Driver{"sql": sqlquery.Run, "browser": browse.New(browsersAtOnce, "").Run}
}
