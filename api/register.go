package api

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/hotline"
)

// How to add a resource, e.g. cards. In api/cards.go:
//
//	// Cards are the use cases this file calls.
//	type Cards interface {
//		Cards(ctx context.Context, by models.Actor) ([]card.View, error)
//	}
//
//	func (s *server) registerCards() {
//		register(s, op{
//			Method: http.MethodGet, Path: "/v1/cards", ID: "listCards", Summary: "Own cards and their next step",
//			Act: models.ActCardRead, Audience: Citizen, Limit: LimitRead,
//			Errs: []*models.Error{card.ErrNoCard},
//		}, s.listCards)
//	}
//
//	func (s *server) listCards(ctx context.Context, in *listCardsInput) (*listCardsOutput, error) {
//		cards, err := s.Cards.Cards(ctx, actorFrom(ctx)) // one use case; its error goes back as it is
//		...
//	}
//
// then a field `Cards Cards` in Deps and a line `s.registerCards()` in routes.go, and `make golden`. The shared refusals,
// the document and the catalogue of errors follow by themselves. Path parameters at one place of the path must have one
// name over all operations, e.g. always {card_id} after /v1/cards. IDs are lowerCamel and name the schemas.

// Audience says whose credential opens an operation.
type Audience string

// The audiences. A callback is verified by its handler over the raw body; the edge only limits and reads it.
const (
	Citizen  Audience = "citizen"
	Agent    Audience = "agent"
	Public   Audience = "public"
	Callback Audience = "callback"
)

// Limit says against which figure a request counts.
type Limit string

// The limits. On public operations they count per address.
const (
	LimitRead  Limit = "read"
	LimitWrite Limit = "write"
	LimitNone  Limit = "none"
)

// defaultBodyLimit is enough for every form; images and callbacks name their own.
const defaultBodyLimit = 16 << 10

// op is one line of the table of operations: everything the edge must know before it calls the handler.
type op struct {
	Method, Path string
	ID           string // operationId, lowerCamel
	Summary      string
	Act          models.Act        // empty where no act is asked
	For          []models.Capacity // who may do it for another (headerActingFor); empty: only oneself
	TakesBack    bool              // takes back what was begun by the act: its use case asks the gate, for which no mode counts then
	EitherAct    bool              // an act beside Act opens it too: its use case asks the gate
	Audience     Audience
	May          hotline.Permission // the permission an agents' operation asks for, or hotline.AnyStaff; the use case asks for it again
	Limit        Limit
	BodyLimit    int64    // bytes; 0: 16 KiB where there is a body
	Accept       []string // media types of a raw body; empty: application/json
	Produces     string   // media type of the file it answers; empty: application/json
	Statuses     []int    // success answers, the usual one first; empty: 200, or 204 without a body
	Errs         []*models.Error

	AcceptsPassword bool // where the staff prove who they are: everywhere else a key `pin` or `password` is refused (R29)
	Hourly          int  // public operations: requests of one address in an hour, beside the loose figure; 0: no such figure

	DespiteOutage bool // never refused because the limiter is out: a loss report
	SetsCookie    bool // answers with a session cookie: refused from another origin even without one
	Cacheable     bool // public facts: may be kept and revalidated; personal answers never are
}

// operation is an op with what registering found out.
type operation struct {
	op
	hasBody  bool
	strict   bool            // the body is JSON and checked as such
	hasInput bool            // parameters or a body are held against a schema
	isList   bool            // takes a cursor
	declared map[string]bool // every code it may answer
	seen     observed
}

type route struct{ method, path string }

const metaNames = "declared names" // huma.Operation.Metadata: every property and parameter name of the input

// register adds one operation, and is the only way to do so. It fills the statuses, the problem codes, act, limit and
// body size of the document, and puts the operation under the edge's rules.
func register[I, O any](s *server, o op, handler func(context.Context, *I) (*O, error)) {
	in := reflect.TypeFor[I]()
	_, json := in.FieldByName("Body")
	_, raw := in.FieldByName("RawBody")
	if raw && !json && len(o.Accept) == 0 {
		panic("api: a raw body names its media types: " + o.ID)
	}
	for _, t := range []reflect.Type{in, reflect.TypeFor[O]()} {
		if name := hiddenIn(t, map[reflect.Type]bool{}); name != "" {
			panic("api: the document does not show what is embedded as " + name + ": " + o.ID)
		}
	}
	entry := s.add(o, json || raw, json)
	h := s.describe(entry)
	huma.Register(s.huma, *h, handler)
	// huma works on its own copy of h, which shares both maps: names are known once it has read the types.
	names := declaredNames(s.huma.OpenAPI().Components.Schemas, operationAt(s.huma.OpenAPI(), o.Method, o.Path))
	h.Metadata[metaNames] = names
	entry.hasInput, entry.isList = len(names) > 0, names["cursor"]
	h.Extensions["x-problem-codes"] = entry.codes()
	s.finish(entry)
}

// registerRaw adds an operation that reads or writes by itself: callbacks, pages, files. It is in the table and in the
// document like any other. The body, where there is one, is rawBody(ctx); Accept names its media
// types, and without Accept any will do.
func registerRaw(s *server, o op, handler gin.HandlerFunc) {
	takes := o.BodyLimit > 0
	entry := s.add(o, takes, false)
	h := s.describe(entry)
	for _, param := range pathParams(o.Path) {
		h.Parameters = append(h.Parameters, &huma.Param{Name: param, In: "path", Required: true, Schema: &huma.Schema{Type: "string"}})
	}
	if takes {
		content := map[string]*huma.MediaType{}
		for _, t := range entry.Accept {
			content[t] = &huma.MediaType{}
		}
		if len(content) == 0 {
			content["*/*"] = &huma.MediaType{}
		}
		h.RequestBody = &huma.RequestBody{Required: true, Content: content}
	}
	s.describeAnswers(entry, h)
	s.huma.OpenAPI().AddOperation(h)
	s.engine.Handle(o.Method, ginPath(o.Path), handler)
	s.finish(entry)
}

// add checks the line and puts it into the table. A line that contradicts itself is a mistake of ours: it panics when
// the server is built, so no test misses it.
func (s *server) add(o op, hasBody, json bool) *operation {
	switch {
	case o.Method == "" || o.Path == "" || o.ID == "" || o.Summary == "":
		panic("api: an operation needs method, path, id and summary: " + o.ID)
	case !slices.Contains([]Audience{Citizen, Agent, Public, Callback}, o.Audience):
		panic("api: no audience: " + o.ID)
	case !slices.Contains([]Limit{LimitRead, LimitWrite, LimitNone}, o.Limit):
		panic("api: no limit: " + o.ID)
	case strings.HasPrefix(o.Path, "/v1/") && o.Audience != Citizen && o.Audience != Public,
		strings.HasPrefix(o.Path, "/agent/v1/") && o.Audience != Agent && o.Audience != Public,
		strings.HasPrefix(o.Path, "/callbacks/") != (o.Audience == Callback):
		panic("api: the path is not for that audience: " + o.ID)
	case o.Limit == LimitNone && (o.Audience == Citizen || o.Audience == Agent):
		panic("api: personal operations are limited: " + o.ID)
	}
	switch {
	case (o.Audience == Agent) != (o.May != ""):
		panic("api: an agents' operation, and no other, names its permission or is open to any staff: " + o.ID)
	case o.May != "" && len(hotline.RolesWith(o.May)) == 0:
		panic("api: no role has that permission: " + o.ID)
	case o.Audience == Agent && o.May != hotline.AnyStaff && !slices.Contains(o.Errs, hotline.ErrNotPermitted):
		o.Errs = append(slices.Clone(o.Errs), hotline.ErrNotPermitted)
	}
	if !hasBody {
		o.BodyLimit = 0
	} else if o.BodyLimit == 0 {
		o.BodyLimit = defaultBodyLimit
	}
	if o.BodyLimit > largeBody && !slices.Contains(o.Errs, card.ErrUploadBusy) {
		panic("api: a large body may be refused as busy: " + o.ID)
	}
	if hasBody && json && len(o.Accept) == 0 {
		o.Accept = []string{"application/json"}
	}
	o.Errs = slices.Concat(o.Errs, gateRefusals(o))
	entry := &operation{op: o, hasBody: hasBody, strict: json}
	key := route{o.Method, ginPath(o.Path)}
	if s.byRoute[key] != nil {
		panic("api: twice: " + o.Method + " " + o.Path)
	}
	s.ops = append(s.ops, entry)
	s.byRoute[key] = entry
	return entry
}

func (s *server) finish(entry *operation) {
	entry.declared = map[string]bool{}
	for _, code := range entry.codes() {
		entry.declared[code] = true
	}
	entry.seen = s.metrics.observed(entry.Method, entry.Path)
}

// ginPath writes {name} as gin does.
func ginPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}

func pathParams(path string) []string {
	var names []string
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

// personal operations know who asks.
func (o *operation) personal() bool { return o.Audience == Citizen || o.Audience == Agent }

// keyed operations take an Idempotency-Key: it is scoped to a person, so there must be one.
func (o *operation) keyed() bool { return unsafeMethod(o.Method) && o.personal() }

func unsafeMethod(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
}
