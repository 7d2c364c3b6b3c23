package figures

import "mainstay/internal/events/rootcause"

// query is one kind of figure and the expression that gives it, by item.
type query struct {
	kind rootcause.Kind
	name string // $label is replaced by the value of by
	unit string
	by   string // the label beside item that tells series apart; "" for one series an item
	expr string // $items is replaced by the matcher of items, $checks by that of the checks that are looked at
}

const (
	count   = `{__name__=~"http_server_request_duration_seconds_count|http_request_duration_seconds_count|rpc_server_duration_seconds_count", $items}`
	sum     = `{__name__=~"http_server_request_duration_seconds_sum|http_request_duration_seconds_sum|rpc_server_duration_seconds_sum", $items}`
	failed  = `{__name__=~"http_server_request_duration_seconds_count|http_request_duration_seconds_count", http_response_status_code=~"5..", $items}`
	failed2 = `{__name__=~"http_server_request_duration_seconds_count|http_request_duration_seconds_count", code=~"5..", $items}`
	// worst are the checks of each item that failed, then others: an item may have thousands.
	worst    = `bottomk by (item) ($most, min by (item, check) (min_over_time(mainstay_check_up{$items}[$within])))`
	requests = `sum by (item) (rate(` + count + `[5m]))`
)

// queries are what is looked at. OpenTelemetry's names are those of its semantic
// conventions, as the store writes them.
func queries() []query {
	return []query{
		{rootcause.Latency, "duration of check $label", "s", "check", `avg by (item, check) (mainstay_check_duration_seconds{$items, $checks})`},
		{rootcause.Errors, "failures of check $label", "%", "check", `100 * (1 - avg by (item, check) (avg_over_time(mainstay_check_up{$items, $checks}[2m])))`},
		{rootcause.Latency, "time per request", "s", "", `sum by (item) (rate(` + sum + `[5m])) / (` + requests + ` > 0)`},
		{rootcause.Errors, "share of failed requests", "%", "", `100 * (sum by (item) (rate(` + failed + `[5m])) or sum by (item) (rate(` + failed2 + `[5m])) or 0 * ` + requests + `) / (` + requests + ` > 0)`},
		{rootcause.Traffic, "requests", "/s", "", requests},
		{rootcause.Resource, "CPU use", "%", "", `100 * (1 - (avg by (item) (system_cpu_utilization{mode="idle", $items}) or avg by (item) (system_cpu_utilization{state="idle", $items}) or avg by (item) (rate(node_cpu_seconds_total{mode="idle", $items}[5m]))))`},
		{rootcause.Resource, "memory use", "%", "", `100 * (max by (item) (system_memory_utilization{state="used", $items}) or (1 - max by (item) (node_memory_MemAvailable_bytes{$items}) / max by (item) (node_memory_MemTotal_bytes{$items})))`},
		{rootcause.Resource, "use of the fullest file system", "%", "", `100 * max by (item) (system_filesystem_utilization{$items})`},
		{rootcause.Resource, "disk busy", "%", "", `100 * max by (item) (rate(system_disk_io_time_seconds_total{$items}[5m]) or rate(node_disk_io_time_seconds_total{$items}[5m]))`},
		{rootcause.Resource, "network errors", "/s", "", `sum by (item) (rate({__name__=~"system_network_errors_total|node_network_(receive|transmit)_errs_total", $items}[5m]))`},
	}
}
