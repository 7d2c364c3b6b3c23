package learning

import (
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
)

const (
	titleWords = 32 // of one title
	learnedMin = 20 // titles from which it is known what is rare
	rareShare  = 0.05
)

// Tokens takes a title apart: words in lower case, each once, without those
// that say nothing and without short numbers. Names with digits, dots, slashes
// or dashes inside stay whole.
func Tokens(title string) []string {
	var tokens []string
	for _, word := range strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-._/:@", r)
	}) {
		word = strings.Trim(word, "-._/:@")
		if len(word) < 2 || len(word) > 100 || saysNothing(word) || slices.Contains(tokens, word) {
			continue
		}
		if tokens = append(tokens, word); len(tokens) == titleWords {
			break
		}
	}
	return tokens
}

func saysNothing(word string) bool {
	switch word {
	case "is", "are", "was", "on", "of", "in", "at", "to", "for", "the", "an", "and", "or", "by", "with", "from", "has", "have", "been", "no", "not", "than", "its", "it", "be":
		return true
	}
	return len(word) <= 3 && strings.Trim(word, "0123456789.:") == ""
}

// Words counts in how many titles a word stands.
type Words struct{ book *Book }

// NewWords returns a book of words.
func NewWords(settings Settings) *Words { return &Words{NewBook(settings)} }

// Learn counts the words of one title.
func (w *Words) Learn(tokens []string, at time.Time) {
	b := w.book
	b.cases, b.casesAt = b.decayed(b.cases, b.casesAt, at)+1, later(b.casesAt, at)
	b.dirtyThings[""] = true
	for _, word := range tokens {
		b.thing(word, "", at).cases++
	}
}

// share of the titles that have a word; one when nothing is known of it yet.
func (w *Words) share(word string) float64 {
	b := w.book
	t := b.things[word]
	if b.cases < learnedMin {
		return 1
	}
	if t == nil {
		return 1 / (b.cases + 1)
	}
	return min(1, b.decayed(t.cases, t.at, b.casesAt)/b.cases)
}

// Weight of a word: the rarer it is, the more it says.
func (w *Words) Weight(word string) float64 { return math.Log2(1 + 1/w.share(word)) }

// Telling says that a word names something: it is rare, or built as names are.
func (w *Words) Telling(word string) bool {
	inside := strings.ContainsAny(word, "0123456789-._/:@") && strings.IndexFunc(word, unicode.IsLetter) >= 0
	share := w.share(word)
	return share <= rareShare || inside && (share >= 1 || share <= 4*rareShare)
}

// Likeness of two titles, 0 to 1: the weight of what they share of the weight
// of both (the Dice coefficient). telling lists the shared words that name something.
func (w *Words) Likeness(x, y []string) (alike float64, telling []string) {
	shared, all := 0.0, 0.0
	for _, word := range x {
		all += w.Weight(word)
		if slices.Contains(y, word) {
			shared += w.Weight(word)
			if w.Telling(word) {
				telling = append(telling, word)
			}
		}
	}
	for _, word := range y {
		all += w.Weight(word)
	}
	if all == 0 {
		return 0, nil
	}
	return 2 * shared / all, telling
}
