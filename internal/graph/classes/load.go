package classes

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/goccy/go-yaml"
)

//go:embed *.yaml
var files embed.FS

// document is one entry of the shipped files: exactly one field is set.
type document struct {
	Class      *Class        `json:"class"`
	Relation   *RelationType `json:"relation"`
	Identifier *Identifier   `json:"identifier"`
}

// Default builds the catalogue that ships with Mainstay.
func Default() (*Catalogue, error) {
	d, err := read(files)
	if err != nil {
		return nil, err
	}
	return Build(d)
}

func read(fsys fs.FS) (Definitions, error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return Definitions{}, err
	}
	var d Definitions
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return Definitions{}, err
		}
		if err := d.parse(text); err != nil {
			return Definitions{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	return d, nil
}

func (d *Definitions) parse(text []byte) error {
	decoder := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	for {
		var doc document
		switch err := decoder.Decode(&doc); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		switch {
		case doc.Class != nil:
			doc.Class.BuiltIn = true
			d.Classes = append(d.Classes, *doc.Class)
		case doc.Relation != nil:
			doc.Relation.BuiltIn = true
			d.RelationTypes = append(d.RelationTypes, *doc.Relation)
		case doc.Identifier != nil:
			d.Identifiers = append(d.Identifiers, *doc.Identifier)
		}
	}
}
