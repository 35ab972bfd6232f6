// Package web holds the built clients. Without a build it holds nothing, and the program runs all the same: the pages then
// answer that they are not installed.
package web

import (
	"embed"
	"io/fs"
)

// dist is what `make web` wrote; only its .gitignore is committed, so that a fresh clone compiles.
//
//go:embed all:dist
var dist embed.FS

// Console is the built console of the 12333 hotline, or nil where this build has none.
func Console() fs.FS { return client(dist, "dist/console") }

// Citizen is the built pages for citizens (H5), or nil where this build has none.
func Citizen() fs.FS { return client(dist, "dist/h5") }

// client is the folder of one client, where it has a page to begin with.
func client(built fs.FS, folder string) fs.FS {
	sub, err := fs.Sub(built, folder)
	if err != nil {
		return nil
	}
	if _, err := fs.Stat(sub, "index.html"); err != nil {
		return nil
	}
	return sub
}
