package listing

import (
	"fmt"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// MaxLimit is the largest page.
const MaxLimit = 1000

// Params are the query parameters of every list. Embed it in the input of a route.
type Params struct {
	Q      string   `query:"q" maxLength:"400" doc:"Words to search for; each must be found"`
	Where  []string `query:"where,explode" maxItems:"40" doc:"Conditions that must all hold: field, one of = != < <= > >= ~, value; a comma separates alternatives" example:"severity>=major"`
	Sort   string   `query:"sort" maxLength:"200" doc:"Fields to sort by, separated by commas; - for descending" example:"-openedAt"`
	Limit  int      `query:"limit" minimum:"0" maximum:"1000" doc:"Rows of a page; 100 when absent"`
	Cursor string   `query:"cursor" maxLength:"2000" doc:"The next of the page before"`
}

// Base is the statement a list begins with.
type Base struct {
	Select  string   // columns, without SELECT
	From    string   // tables and joins, without FROM
	Where   []string // conditions that always hold, with placeholders $1...
	Args    []any    // their values
	Search  []string // columns that q looks in
	Default string   // sort when the caller names none
	Key     string   // unique column that settles the order
	KeyKind Kind     // of its values
	Now     time.Time

	// Dynamic resolves fields that are not in Fields, such as attributes.*. It
	// may bind values with the function it is given.
	Dynamic func(name string, bind func(any) string) (Field, bool)
}

// Statement is a list made ready for the store.
type Statement struct {
	SQL      string
	CountSQL string // counts what all pages hold, up to CountCap
	Args     []any
	Limit    int
	Known    *int // how many rows all pages hold, where the caller knows: it is not counted then

	countArgs []any
	sorted    []sortKey
}

// CountCap bounds how far rows are counted.
const CountCap = 10_000

type sortKey struct {
	column string
	kind   Kind
	desc   bool
}

// Build makes the statement for p.
func (f Fields) Build(p Params, base Base) (Statement, error) {
	b := builder{fields: f, base: base, args: append([]any(nil), base.Args...), where: append([]string(nil), base.Where...)}
	for _, text := range p.Where {
		if err := b.condition(text); err != nil {
			return Statement{}, err
		}
	}
	b.search(p.Q)
	keys, err := b.sort(p.Sort)
	if err != nil {
		return Statement{}, err
	}
	st := Statement{Limit: p.Limit, sorted: keys}
	if st.Limit <= 0 || st.Limit > MaxLimit {
		st.Limit = 100
	}
	st.CountSQL = fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s%s LIMIT %d) AS counted", base.From, b.whereText(), CountCap+1)
	st.countArgs = append([]any(nil), b.args...)
	if p.Cursor != "" {
		if err := b.resume(p.Cursor, keys); err != nil {
			return Statement{}, err
		}
	}
	var columns, order []string
	for _, k := range keys {
		columns = append(columns, k.column)
		direction := ""
		if k.desc {
			direction = " DESC"
		}
		order = append(order, k.column+direction)
	}
	st.SQL = "SELECT " + base.Select + ", " + strings.Join(columns, ", ") + " FROM " + base.From + b.whereText() +
		" ORDER BY " + strings.Join(order, ", ") + " LIMIT " + b.bind(st.Limit+1)
	st.Args = b.args
	return st, nil
}

// Conditions makes the WHERE of p alone, with its arguments: for counts over
// what a list shows. It is empty, or begins with a space.
func (f Fields) Conditions(p Params, base Base) (where string, args []any, err error) {
	b := builder{fields: f, base: base, args: append([]any(nil), base.Args...), where: append([]string(nil), base.Where...)}
	for _, text := range p.Where {
		if err := b.condition(text); err != nil {
			return "", nil, err
		}
	}
	b.search(p.Q)
	return b.whereText(), b.args, nil
}

type builder struct {
	fields Fields
	base   Base
	where  []string
	args   []any
}

func (b *builder) bind(v any) string {
	b.args = append(b.args, v)
	return fmt.Sprintf("$%d", len(b.args))
}

func (b *builder) whereText() string {
	if len(b.where) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(b.where, " AND ")
}

func (b *builder) field(param, name string) (Field, error) {
	if f, ok := b.fields[name]; ok {
		return f, nil
	}
	if b.base.Dynamic != nil {
		if f, ok := b.base.Dynamic(name, b.bind); ok {
			return f, nil
		}
	}
	return Field{}, core.Invalid(param+"."+name, "is not a field of this list; it has "+strings.Join(b.fields.names(), ", "))
}

func (b *builder) condition(text string) error {
	c, err := ParseCondition(text)
	if err != nil {
		return err
	}
	field, err := b.field("where", c.Field)
	if err != nil {
		return err
	}
	if c.Op == "~" {
		if field.Kind != Text {
			return core.Invalid("where."+c.Field, "is not a text: ~ does not apply")
		}
		b.where = append(b.where, b.contains(field.Column, c.Values[0]))
		return nil
	}
	bound := make([]string, len(c.Values))
	for i, text := range c.Values {
		v, err := field.Kind.value(c.Field, text, b.base.Now)
		if err != nil {
			return err
		}
		bound[i] = b.bind(v)
	}
	switch {
	case len(bound) == 1:
		b.where = append(b.where, field.Column+" "+strings.Replace(c.Op, "!=", "<>", 1)+" "+bound[0])
	case c.Op == "=":
		b.where = append(b.where, field.Column+" IN ("+strings.Join(bound, ",")+")")
	default:
		b.where = append(b.where, field.Column+" NOT IN ("+strings.Join(bound, ",")+")")
	}
	return nil
}

var likeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func (b *builder) contains(column, word string) string {
	return "LOWER(" + column + ") LIKE " + b.bind("%"+likeEscape.Replace(strings.ToLower(word))+"%") + ` ESCAPE '\'`
}

func (b *builder) search(q string) {
	if len(b.base.Search) == 0 {
		return
	}
	for _, word := range strings.Fields(q) {
		var any []string
		for _, column := range b.base.Search {
			any = append(any, b.contains(column, word))
		}
		b.where = append(b.where, "("+strings.Join(any, " OR ")+")")
	}
}

func (b *builder) sort(text string) ([]sortKey, error) {
	if text == "" {
		text = b.base.Default
	}
	var keys []sortKey
	for name := range strings.SplitSeq(text, ",") {
		name, desc := strings.CutPrefix(strings.TrimSpace(name), "-")
		if name == "" {
			continue
		}
		field, err := b.field("sort", name)
		if err != nil {
			return nil, err
		}
		if field.Unsorted {
			return nil, core.Invalid("sort."+name, "cannot be sorted by")
		}
		keys = append(keys, sortKey{field.Column, field.Kind, desc})
	}
	last := len(keys) > 0 && keys[len(keys)-1].desc
	return append(keys, sortKey{b.base.Key, b.base.KeyKind, last}), nil
}

func (f Fields) names() []string {
	names := make([]string, 0, len(f))
	for name := range f {
		names = append(names, name)
	}
	return sortedStrings(names)
}

// Rows is what a page is read from; *sqldb.Rows is one.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close() error
}

var _ Rows = (*sqldb.Rows)(nil)
