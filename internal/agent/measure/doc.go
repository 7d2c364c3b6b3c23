// Package measure samples a host: processor, memory, disks, file systems,
// network and processes, under the names of the OpenTelemetry semantic
// conventions for system and process metrics, written as Prometheus does:
// dots become underscores, units and _total are appended.
//
// Attributes keep their last part as label: cpu.mode is "mode",
// system.memory.state is "state", network.io.direction is "direction". A sample
// costs about a millisecond; a Sampler belongs to one goroutine.
package measure
