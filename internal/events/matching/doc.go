// Package matching finds, among many sets of label matchers, those that a set
// of labels fits. The cost grows with what may match and not with how many
// there are: a set is kept under one of its equality matchers, and only those
// under a label that is there are looked at.
//
// Matchers are Alertmanager's (prometheus/alertmanager, pkg/labels): patterns
// are anchored, and a label that is not there is empty.
package matching
