package api

import (
	"io/fs"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
)

// consolePolicy lets the console use what this server sends it and nothing else; its components set styles by themselves.
const consolePolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// citizenPolicy is the same for the citizens' pages, which also show a picture that has just been taken.
const citizenPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// citizenPowers lets the citizens' pages ask a browser where it stands, which asks its owner: outlets by distance (R19).
const citizenPowers = "camera=(), microphone=(), geolocation=(self)"

// client is one of the built clients, or where it would be.
type client struct {
	home   string // its address, with the last stroke
	policy string
	powers string       // its own Permissions-Policy; empty: none of a page's powers
	files  *clientFiles // nil: not built
}

// readClients reads what was built in.
func (s *server) readClients() error {
	s.console = &client{home: "/console/", policy: consolePolicy}
	s.citizen = &client{home: citizenHome, policy: citizenPolicy, powers: citizenPowers}
	for _, one := range []struct {
		at    *client
		built fs.FS
	}{{s.console, s.Console}, {s.citizen, s.CitizenPages}} {
		var err error
		if one.at.files, err = s.readClient(one.built); err != nil {
			return err
		}
	}
	return nil
}

func (s *server) registerConsole() {
	s.registerClient(s.console, "console", "The agents' console", []clientRoute{
		{"{page}", "Route", "A page of the console, by its address", func(c *gin.Context) string { return c.Param("page") }},
		{"assets/{asset}", "Asset", "Scripts and styles of the console; each name holds its content's hash", assetName},
	})
}

// registerPages serves the citizens' pages. A log-in by browser returns to the first one; menus, messages and articles name
// the others plainly, and one thing of a list by its id.
func (s *server) registerPages() {
	s.registerClient(s.citizen, "citizen", "The citizens' pages (H5)", []clientRoute{
		{"{page}", "Route", "A page for citizens, by the name that menus and messages use", func(c *gin.Context) string { return c.Param("page") }},
		{"{page}/{item}", "Item", "One of what a page lists: a question, an outlet, a programme", func(c *gin.Context) string { return c.Param("page") }},
		{"assets/{asset}", "Asset", "Scripts and styles of the citizens' pages; each name holds its content's hash", assetName},
	})
}

type clientRoute struct {
	path, id, summary string
	name              func(*gin.Context) string
}

func assetName(c *gin.Context) string { return "assets/" + c.Param("asset") }

// registerClient serves a built client. Its files are known when the server is built: a name is looked up and never becomes
// a path, so nothing outside of the build can be asked for. The pages that its router knows answer with the first page, so
// that a reload and a bookmark work; every other name is 404. Nothing is counted: a hotline sits behind one address, a city
// behind few.
func (s *server) registerClient(at *client, id, what string, routes []clientRoute) {
	first := clientRoute{"", "Page", what + "; 503 with a plain page while they are not built in", func(*gin.Context) string { return indexFile }}
	for _, route := range append([]clientRoute{first}, routes...) {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			id := id + route.id
			if method == http.MethodHead {
				id += "Head"
			}
			registerRaw(s, op{
				Method: method, Path: at.home + route.path, ID: id, Summary: route.summary, Audience: Public, Limit: LimitNone, Cacheable: true,
				Statuses: []int{http.StatusOK, http.StatusServiceUnavailable},
			}, func(c *gin.Context) { s.showClient(c, at, route.name(c)) })
		}
	}
	registerRaw(s, op{
		Method: http.MethodGet, Path: strings.TrimSuffix(at.home, "/"), ID: id + "Door", Summary: what + ": the address without its last stroke",
		Audience: Public, Limit: LimitNone, Statuses: []int{http.StatusPermanentRedirect},
	}, func(c *gin.Context) { c.Redirect(http.StatusPermanentRedirect, at.home) })
}

func (s *server) showClient(c *gin.Context, at *client, name string) {
	if at.files == nil {
		c.Header("Cache-Control", "no-store")
		s.showNotBuilt(c)
		return
	}
	file := at.files.find(name)
	if file == nil {
		s.refuse(c, errRouteNotFound)
		return
	}
	asPage(c, at.policy)
	h := c.Writer.Header()
	if at.powers != "" {
		h.Set("Permissions-Policy", at.powers)
	}
	h.Set("Content-Type", file.kind)
	h.Set("ETag", file.tag)
	if file.hashed {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body := file.body
	if file.squeezes {
		h.Set("Vary", "Accept-Encoding")
		if takesGzip(c.GetHeader("Accept-Encoding")) {
			body = file.squeezed()
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.Status(http.StatusOK)
	c.Writer.WriteHeaderNow()
	if c.Request.Method != http.MethodHead {
		_, _ = c.Writer.Write(body) // a closed page is nobody's error
	}
}

// takesGzip reports whether a browser reads gzip: named, and not with a weight of nothing.
func takesGzip(accepted string) bool {
	for coding := range strings.SplitSeq(accepted, ",") {
		name, weight, _ := strings.Cut(coding, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		value, isWeight := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
		q, err := strconv.ParseFloat(value, 64)
		return !isWeight || err == nil && q > 0
	}
	return false
}
