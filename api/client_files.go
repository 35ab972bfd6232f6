package api

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
)

const indexFile = "index.html"

// clientFile is one file of the build, kept as it is sent.
type clientFile struct {
	kind, tag        string
	hashed, squeezes bool
	body             []byte
	squeezed         func() []byte // made when somebody first asks
}

// clientFiles are one client's build: its files by name, and the names of its router's pages.
type clientFiles struct {
	files map[string]*clientFile
	pages map[string]bool
}

// clientKinds are the kinds of files a build may hold; any other is a mistake of the build's.
var clientKinds = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".json": "application/json; charset=utf-8", ".png": "image/png", ".woff2": "font/woff2",
}

var errNoClientPages = errors.New("api: a client's build names no pages (pages.json)")

// readClient reads a build whole: it is small, and part of the program. No build is no error: the page says so.
func (s *server) readClient(built fs.FS) (*clientFiles, error) {
	if built == nil {
		return nil, nil //nolint:nilnil // no build, and nothing wrong
	}
	found := &clientFiles{files: map[string]*clientFile{}, pages: map[string]bool{}}
	err := fs.WalkDir(built, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		kind, known := clientKinds[path.Ext(name)]
		if !known {
			return fmt.Errorf("api: a client's build holds %s, whose kind nobody knows", name)
		}
		body, err := fs.ReadFile(built, name)
		if err != nil {
			return err
		}
		found.files[name] = s.newClientFile(name, kind, body)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return found, found.readPages()
}

func (s *server) newClientFile(name, kind string, body []byte) *clientFile {
	return &clientFile{
		kind: kind, tag: "W/" + s.etagOf(body), body: body, hashed: strings.HasPrefix(name, "assets/"),
		squeezes: !strings.HasPrefix(kind, "image/png") && !strings.HasPrefix(kind, "font/"),
		squeezed: sync.OnceValue(func() []byte { return squeeze(body) }),
	}
}

// readPages takes the names of the router's pages, which the build writes from the list the router itself is made of.
func (f *clientFiles) readPages() error {
	list, ok := f.files["pages.json"]
	if !ok || f.files[indexFile] == nil {
		return errNoClientPages
	}
	var pages []struct {
		Path string `json:"path"`
	}
	if err := json.Unmarshal(list.body, &pages); err != nil || len(pages) == 0 {
		return errNoClientPages
	}
	for _, p := range pages {
		f.pages[strings.TrimPrefix(p.Path, "/")] = true
	}
	return nil
}

// find is the file of that name; a page of the router's is the first page.
func (f *clientFiles) find(name string) *clientFile {
	if f.pages[name] {
		return f.files[indexFile]
	}
	return f.files[name]
}

func squeeze(body []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is one of gzip's
	_, _ = w.Write(body)                                    // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}
