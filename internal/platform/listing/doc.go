// Package listing is the one way lists are searched, filtered, sorted and
// paged.
//
// A caller sends Params:
//
//	q=web                          words, each found in one of the searched columns
//	where=severity>=major          a condition; all conditions must hold
//	where=state=open,acknowledged  one of several values
//	where=name~db                  contains, whatever the case
//	where=openedAt>=now-24h        times: RFC 3339, or now with a duration
//	sort=-openedAt,name            fields, "-" for descending
//	limit=100 cursor=...           pages by the last row seen, not by its number
//
// A store declares its Fields and a Base statement; Build makes the SQL for
// both engines, with every value bound. Unknown fields and values of the wrong
// kind are refused with the field's name.
package listing
