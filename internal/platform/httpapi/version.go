package httpapi

import (
	"strconv"
	"strings"

	"mainstay/internal/core"
)

// ETag is the entity tag of a record's version (RFC 9110, 8.8.3).
func ETag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// Match checks an If-Match header against a record's version. An absent header
// or "*" matches any (RFC 9110, 13.1.1).
func Match(ifMatch string, version int64) error {
	if ifMatch == "" || ifMatch == "*" {
		return nil
	}
	for tag := range strings.SplitSeq(ifMatch, ",") {
		if strings.TrimSpace(tag) == ETag(version) {
			return nil
		}
	}
	return core.Errorf(core.CodeStale, "the record was changed by someone else: read it again")
}
