// Package masking finds secrets and personal data in text and replaces them, so
// that they are never stored. It has no state but its key, does no input or
// output, and is safe for concurrent use.
//
// A value is replaced by a tag: <kind:4f1d0c92ab3e> has the first half of an
// HMAC of the value, so that equal values can be told to be equal, and joined,
// by who does not know them; <kind> says only that there was one. What is a tag
// already is left alone, so masking twice is masking once.
//
// Mask reads a text once, and looks closer only at bytes that can begin or
// delimit something it knows. It errs towards masking where a name says that a
// secret follows (password=...), and towards leaving text alone where only the
// shape of a value speaks: numbers must have the prefix, length and check digit
// of a card, or the country's length and check digits of an IBAN.
package masking
