package desk

import (
	"slices"

	"mainstay/internal/core"
)

// PriorityOf is the matrix of impact and urgency:
//
//	          urgency high  medium  low
//	impact high      P1     P2      P3
//	     medium      P2     P3      P4
//	        low      P3     P4      P5
func PriorityOf(impact, urgency Level) Priority {
	return Priority(1 + impact.rank() + urgency.rank())
}

// ImpactOf judges what is reached: a service of high criticality, or three of
// any, is a high impact; one service a medium one; none a low one.
func ImpactOf(services []Service) Level {
	critical := slices.ContainsFunc(services, func(s Service) bool { return s.Criticality == High })
	switch {
	case critical || len(services) >= 3:
		return High
	case len(services) > 0:
		return Medium
	}
	return Low
}

// UrgencyOf follows the severity of what is wrong.
func UrgencyOf(severity core.Severity) Level {
	switch {
	case severity >= core.Critical:
		return High
	case severity >= core.Minor:
		return Medium
	}
	return Low
}
