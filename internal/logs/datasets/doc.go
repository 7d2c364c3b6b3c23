// Package datasets keeps log records apart: each belongs to one dataset, which
// says for how long it is kept and who may read it.
//
// The path of a question: whoever asks the log store for a person asks Readable
// first, and hands its answer on as logstore.Query.Only. The engine applies it,
// so it holds for everything LogsQL can say. Records without a dataset are of
// "default". A dataset without access rules is read by who has logs:read
// everywhere; one with them by its teams and roles, and by who has logs:admin
// everywhere. A dataset that is not declared, or not any more, is read by the
// latter alone.
//
// What goes for good, goes in one worker that holds a lock: records older than
// their dataset's retention, once a day, and what a deletion asks for. A deletion
// is stored before it is carried out, with who asked and why, and with the
// counts found before and after; one that was interrupted is carried out again.
package datasets
