// Package facts finds out what a host is made of, as a report for the graph: the
// host itself, its operating system, processors, disks, file systems, network
// interfaces, services, processes, packages, accounts and containers.
//
// # Invariants
//
//   - A report holds what lasts. What changes all the time (usage, process
//     numbers, load) is measured by package measure, so that an unchanged host
//     gives an unchanged Fingerprint.
//   - Items refer to each other by Ref, which means something inside one report
//     only. Everything but the host names it as identity "parent" and by a relation.
//   - A class is in Complete only when its source was read to the end: what is then
//     missing is gone, rather than unseen.
//   - A part of the host that cannot be read costs that part only.
package facts
