// Package paper writes what is handed on: a PDF for reading and a workbook for
// counting on. It knows pages, tables and fonts, and nothing of what they say.
package paper
