// Package processing is what every log record passes before it is mined and
// stored, whatever brought it: rules that read fields out of it, change it, put
// it into a dataset, mask what must not be kept, or drop it.
//
// The path of a record: Tap stands before the store of one receiver. Rules are
// tried in their order; a rule is looked at only if the record is of an app, host,
// level, dataset or receiver it names, and its expression (CEL) is evaluated
// last. Its steps run one after another; a step that fails leaves the record as
// it was, is counted with its reason, and the next one runs. The caller's records
// are not changed.
//
// Two rules are there without being declared: default-extraction, which makes
// fields of JSON and logfmt, and default-masking, which is the last one. A
// document of the same name takes the place of each, or switches it off.
//
// Reasons of failures and counts never hold text of a record: what is masked
// reaches neither the spool nor the patterns nor Mainstay's own log.
//
// Counts are of this process since its start. Rules that another process changed
// are heeded within some seconds.
package processing
