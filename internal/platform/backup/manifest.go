package backup

import (
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

const (
	format       = 1
	manifestName = "manifest.json"
	sqliteName   = "database/sqlite.db"
	postgresDir  = "database/postgresql/"
	schemaName   = postgresDir + "schema.json"
	filesDir     = "files/"
	storesDir    = "stores/"
	configDir    = "config/"
	keyName      = "secret.key.age"
)

// Manifest says what an archive holds.
type Manifest struct {
	Format  int           `json:"format"`
	Version string        `json:"version"` // of the program that wrote it
	Created time.Time     `json:"created"`
	Engine  sqldb.Dialect `json:"engine"`
	Key     bool          `json:"key"`  // the key of the secrets is in it
	Rows    int64         `json:"rows"` // of the database, when it is PostgreSQL
	Files   []File        `json:"files"`
}

// File is one file of an archive.
type File struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Size is the sum of all files, before compression.
func (m Manifest) Size() (bytes int64) {
	for _, f := range m.Files {
		bytes += f.Size
	}
	return bytes
}

// check compares what was read with what the manifest promises.
func (m Manifest) check(read map[string]File) error {
	if m.Format != format {
		return damaged("it has format %d, and this program reads %d", m.Format, format)
	}
	for _, want := range m.Files {
		got, ok := read[want.Path]
		switch {
		case !ok:
			return damaged("%s is missing", want.Path)
		case got != want:
			return damaged("%s was changed", want.Path)
		}
	}
	if len(read) != len(m.Files) {
		return damaged("it holds %d files, and its manifest names %d", len(read), len(m.Files))
	}
	return nil
}

func damaged(text string, args ...any) error {
	return core.Errorf(core.CodeInvalid, "the backup is damaged: "+text, args...)
}
