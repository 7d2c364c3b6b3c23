// Package correlation decides which alerts share a cause and which item that
// cause is. It is pure: it holds the live situations in memory, reads the
// dependency graph through an interface, and returns what changed; it does no
// I/O and takes the time as an argument.
//
// One alert, from start to end:
//
//  1. Sync tells the Engine what the alert is now.
//  2. Settle places it: an alert of the same item, of an item it needs, or of an
//     item that needs it, that began within the joining window, shares its situation.
//     So do alerts that people's rules put together (rule.go), and things that
//     came together before too often for chance, wherever they are (learned.go).
//     One that belongs nowhere yet may join one situation for less: learned
//     evidence for items that need the same, or titles that name the same (text.go).
//  3. A need met by n of m items links only when too few of them are left; one
//     hop through an item without a fault is bridged.
//     Where much of what needs one silent item fails, its users share a situation
//     and it is suspected (common.go).
//  4. An alert that links two situations merges them; the older survives. In a
//     storm of openings all but a few are gathered before they are told (storm.go).
//  5. The items of a situation are ranked: those that need no other failing item
//     come first; coverage, order of onset and recent changes weigh the rest.
//     Later, Weigh brings what measurements say; it moves the order (measured.go).
//  6. When the first candidate is no longer the recorded root cause, it moves,
//     and a note says from where, to where and why.
//  7. When every alert is cleared for the hold time, the situation closes; an
//     alert that returns within the reopening window opens it again.
//
// An alert of another source that tells the same fault of the same item is a
// Twin of the first (twin.go). What people move and merge is remembered.
//
// An Engine is not safe for concurrent use: its owner serialises.
package correlation
