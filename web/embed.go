package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

func files() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // "dist" is a valid path: it cannot fail
	}
	return sub
}
