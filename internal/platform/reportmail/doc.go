// Package reportmail sends reports by mail, each week or each month.
//
// The path of one mail: a ReportMail is declared (kind.go), which says when it
// is due next (schedule.go); of all processes one looks what is due
// (component.go), has the report of the time that has just ended made, and
// queues a mail to each address in the transaction that moves the due time on.
// So each is sent once, also when the process ends in between; what fell due
// while nothing ran is sent once when it runs again, for the last time that
// ended. What cannot be made or sent is tried again and shown with its reason.
//
// Reports are made by their modules: a Source gives the words. They are about
// everything, so who declares a mail must be one who reads everything.
package reportmail
