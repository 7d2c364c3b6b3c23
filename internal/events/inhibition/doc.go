// Package inhibition decides which alerts are held back because another one
// explains them, as Alertmanager's inhibit_rules do: an alert that fits a
// rule's target matchers is inhibited while an active alert fits the source
// matchers and has the same values of the labels in Equal. An alert that fits
// both sides is not inhibited by one that does too.
//
// Rules are indexed by their matchers and sources by the values of the equal
// labels: a verdict costs what may match, not rules times alerts.
package inhibition
