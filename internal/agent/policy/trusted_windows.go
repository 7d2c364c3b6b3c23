package policy

import "io/fs"

// trusted relies on the access list of the data directory on Windows.
func trusted(fs.FileInfo) error { return nil }
