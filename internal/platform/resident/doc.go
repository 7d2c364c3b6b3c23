// Package resident gives back memory that only the start of a program needed.
//
// The program file is mapped, and starting touches most of it: package
// variables are set, tables are checked. Those pages stay resident in every
// process of the same file although few are used again. Trim unmaps them from
// the page table; they are clean, so the next use maps them again from the
// kernel's page cache, or at worst from the file.
package resident
