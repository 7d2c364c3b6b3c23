// Package report writes a month of availability as a file that is handed on: a
// PDF for reading and a workbook for counting on.
package report
