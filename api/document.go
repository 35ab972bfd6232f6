package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"onecard/models"
	"onecard/models/hotline"
)

// newHuma sets huma up without its own pages, without $schema links, and strict about query parameters.
func (s *server) newHuma() huma.API {
	config := huma.DefaultConfig("One Card 一卡通", s.Version)
	config.Info.Description = "洛阳市社会保障卡服务. Refusals are application/problem+json; codes are listed per operation under x-problem-codes."
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil
	config.RejectUnknownQueryParameters = true
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"citizenToken":  {Type: "http", Scheme: "bearer", Description: "oc1.<handle>.<secret>, for mini-programs"},
		"citizenCookie": {Type: "apiKey", In: "cookie", Name: "__Host-oc", Description: "for H5 pages; plain name oc in dev"},
		"agentToken":    {Type: "http", Scheme: "bearer"},
		"agentCookie":   {Type: "apiKey", In: "cookie", Name: "__Host-oc-console", Description: "for the console; plain name oc-console in dev"},
	}
	return humagin.New(s.engine, config)
}

var security = map[Audience][]map[string][]string{
	Citizen: {{"citizenToken": {}}, {"citizenCookie": {}}},
	Agent:   {{"agentToken": {}}, {"agentCookie": {}}},
}

// describe is the operation's place in the document. huma adds parameters, body and the usual answer.
func (s *server) describe(o *operation) *huma.Operation {
	tag, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(o.Path, "/agent/v1/"), "/v1/"), "/"), "/")
	h := &huma.Operation{
		Method: o.Method, Path: o.Path, OperationID: o.ID, Summary: o.Summary, Tags: []string{tag},
		Security:     security[o.Audience],
		MaxBodyBytes: -1, BodyReadTimeout: -1, // the edge has read and limited the body before huma sees it
		Extensions: map[string]any{
			"x-audience": o.Audience, "x-limit": o.Limit, "x-body-limit": o.BodyLimit, "x-problem-codes": o.codes(),
		},
		Metadata:  map[string]any{},
		Responses: map[string]*huma.Response{},
		Errors:    o.errorStatuses(),
	}
	if o.May != "" {
		h.Extensions["x-permission"] = o.May
	}
	if o.Act != "" {
		h.Extensions["x-act"] = o.Act
	}
	if len(o.For) > 0 {
		h.Extensions["x-for"] = o.For
		h.Parameters = append(h.Parameters, &huma.Param{
			Name: headerActingFor, In: "header",
			Description: "dependant_id or helper_id of the relation by which it is done for another; left out: for oneself",
			Schema:      &huma.Schema{Type: "string"},
		})
	}
	if len(o.Statuses) > 0 {
		h.DefaultStatus = o.Statuses[0]
	}
	if o.Produces != "" {
		file := &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
		h.Responses["200"] = &huma.Response{Description: "A file", Content: map[string]*huma.MediaType{o.Produces: file}}
	}
	if o.keyed() {
		h.Parameters = append(h.Parameters, &huma.Param{
			Name: headerIdempotencyKey, In: "header",
			Description: "8 to 128 letters, digits, dots, dashes, underscores or colons; kept 24 h",
			Schema:      &huma.Schema{Type: "string"},
		})
	}
	return h
}

// describeAnswers does for raw operations what huma does for its own.
func (s *server) describeAnswers(o *operation, h *huma.Operation) {
	usual := http.StatusOK
	if len(o.Statuses) > 0 {
		usual = o.Statuses[0]
	}
	h.Responses[strconv.Itoa(usual)] = &huma.Response{Description: http.StatusText(usual)}
	for _, status := range h.Errors {
		h.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status),
			Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}}},
		}
	}
}

// refusals are the errors this operation may answer, edge and use case.
func (o *operation) refusals() []error {
	errs := []error{errInternal, models.ErrUnavailable}
	if o.personal() {
		errs = append(errs, errLoginRequired, errTwoCredentials)
	}
	if o.Audience == Agent {
		errs = append(errs, hotline.ErrSessionReplaced, hotline.ErrSessionIdle)
	}
	if o.keyed() || o.SetsCookie {
		errs = append(errs, errCrossOrigin)
	}
	if o.Limit != LimitNone {
		errs = append(errs, errRateLimited)
	}
	if o.keyed() {
		errs = append(errs, errBadKey, models.ErrKeyReused, models.ErrInProgress, models.ErrOutcomeUnknown)
	}
	if o.hasInput {
		errs = append(errs, errMalformedRequest, models.InvalidInput())
	}
	if o.isList {
		errs = append(errs, errCursor)
	}
	if o.hasBody {
		errs = append(errs, errMalformedBody, errBodyTooLarge, errBodyTimeout)
	}
	if len(o.Accept) > 0 {
		errs = append(errs, errMediaType)
	}
	if o.strict {
		errs = append(errs, errPayeeAccount)
		if !o.AcceptsPassword {
			errs = append(errs, errPIN)
		}
	}
	if o.Audience == Citizen {
		for _, e := range forOthers {
			errs = append(errs, e)
		}
	}
	for _, e := range o.Errs {
		errs = append(errs, e)
	}
	return errs
}

func (o *operation) codes() []string {
	var codes []string
	for _, e := range o.refusals() {
		codes = append(codes, problemOf(e).Code)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func (o *operation) errorStatuses() []int {
	var statuses []int
	for _, e := range o.refusals() {
		statuses = append(statuses, problemOf(e).Status)
	}
	slices.Sort(statuses)
	return slices.Compact(statuses)
}

// writeDocument completes what huma could not know and freezes the document.
func (s *server) writeDocument() ([]byte, error) {
	doc := s.huma.OpenAPI()
	for _, o := range s.ops {
		h := operationAt(doc, o.Method, o.Path)
		if h == nil || len(o.Statuses) < 2 {
			continue
		}
		usual := h.Responses[strconv.Itoa(o.Statuses[0])]
		for _, status := range o.Statuses[1:] {
			r := &huma.Response{Description: http.StatusText(status), Headers: usual.Headers}
			if status != http.StatusNotModified && status != http.StatusNoContent {
				r.Content = usual.Content
			}
			h.Responses[strconv.Itoa(status)] = r
		}
	}
	return json.Marshal(doc)
}

func operationAt(doc *huma.OpenAPI, method, path string) *huma.Operation {
	item := doc.Paths[path]
	if item == nil {
		return nil
	}
	switch method {
	case http.MethodGet:
		return item.Get
	case http.MethodPost:
		return item.Post
	case http.MethodPut:
		return item.Put
	case http.MethodPatch:
		return item.Patch
	case http.MethodDelete:
		return item.Delete
	default:
		return nil
	}
}
