package api

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"onecard/models"
)

// Problem is every refusal on the wire: RFC 9457 with a stable code, a Chinese sentence that says what to do next
// (R48), and the bad fields. It never repeats what was sent.
type Problem struct {
	Type      string              `json:"type" doc:"urn:onecard:problem: and the code"`
	Title     string              `json:"title" doc:"The status in words"`
	Status    int                 `json:"status"`
	Code      string              `json:"code" doc:"Stable, UPPER_SNAKE, listed in docs/errors.md"`
	Detail    string              `json:"detail" doc:"For the citizen, in Chinese, with a way forward"`
	Fields    []models.FieldError `json:"fields,omitempty" doc:"Every bad field at once"`
	Facts     map[string]string   `json:"facts,omitempty" doc:"What a client shows beside the sentence, e.g. bank_name and bank_phone"`
	RequestID string              `json:"request_id"`
}

// Error makes a Problem a huma.StatusError.
func (p *Problem) Error() string { return p.Code }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of RFC 9457.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// huma keeps these in package variables, so they are set once, before any server exists: one mapper for every error,
// and property names compared as they are written.
func init() {
	huma.NewErrorWithContext = problemForHuma
	huma.NewError = func(status int, _ string, _ ...error) huma.StatusError { return problemOf(statusError(status)) }
	huma.ValidateStrictCasing = true
}

// problemForHuma turns what huma found, or what a handler returned, into a Problem.
func problemForHuma(hc huma.Context, status int, _ string, errs ...error) huma.StatusError {
	var err error
	switch {
	case status == http.StatusUnprocessableEntity:
		err = models.InvalidInput(fieldErrors(hc.Operation(), errs)...)
	case status == http.StatusInternalServerError && len(errs) > 0:
		err = errs[0]
	default:
		err = statusError(status)
	}
	p := problemOf(err)
	note(hc.Context(), p, err)
	for name, value := range p.headers(err) {
		hc.SetHeader(name, value)
	}
	return p
}

// refuse answers a request that never reaches its operation, or an operation outside of huma.
func (s *server) refuse(c *gin.Context, err error) {
	p := problemOf(err)
	note(c.Request.Context(), p, err)
	for name, value := range p.headers(err) {
		c.Header(name, value)
	}
	body, _ := json.Marshal(p) // strings and ints only
	c.Abort()
	c.Data(p.Status, p.ContentType(""), append(body, '\n'))
}

// note leaves code and cause for the access log, which is the one place that writes them.
func note(ctx context.Context, p *Problem, err error) {
	r := requestFrom(ctx)
	p.RequestID, r.code, r.cause = r.id, p.Code, err
	r.undeclared = r.op != nil && !r.op.declared[p.Code] && !sharedCodes[p.Code]
}

// sharedCodes may come from every operation without being named.
var sharedCodes = func() map[string]bool {
	codes := map[string]bool{}
	for _, err := range edgeErrors() {
		codes[problemOf(err).Code] = true
	}
	return codes
}()

// problemOf is the entire story from error to HTTP: what is not a named error is a bare 500.
func problemOf(err error) *Problem {
	var edge *edgeError
	var named *models.Error
	status := http.StatusInternalServerError
	switch {
	case errors.As(err, &edge):
		named, status = edge.named, edge.status
	case errors.As(err, &named) && named.Kind != models.Internal:
		status = statusOf(named.Kind)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		named, status = models.ErrUnavailable, http.StatusServiceUnavailable
	default:
		named = errInternal
	}
	return &Problem{
		Type: "urn:onecard:problem:" + named.Code, Title: http.StatusText(status), Status: status,
		Code: named.Code, Detail: named.Message, Fields: named.Fields, Facts: named.Extra,
	}
}

func (p *Problem) headers(err error) map[string]string {
	switch p.Status {
	case http.StatusUnauthorized:
		return map[string]string{"WWW-Authenticate": "Bearer"}
	case http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusLocked:
		var named *models.Error
		if errors.As(err, &named) && named.RetryAfter > 0 {
			return map[string]string{"Retry-After": strconv.Itoa(int(math.Ceil(named.RetryAfter.Seconds())))}
		}
	}
	return nil
}

// statusOf is the table of design 10.
func statusOf(k models.Kind) int {
	switch k {
	case models.Malformed:
		return http.StatusBadRequest
	case models.Invalid:
		return http.StatusUnprocessableEntity
	case models.Unauthenticated:
		return http.StatusUnauthorized
	case models.Forbidden:
		return http.StatusForbidden
	case models.NotFound:
		return http.StatusNotFound
	case models.Conflict:
		return http.StatusConflict
	case models.Locked:
		return http.StatusLocked
	case models.TooLarge:
		return http.StatusRequestEntityTooLarge
	case models.RateLimited:
		return http.StatusTooManyRequests
	case models.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// statusError is the named error for a status huma chose by itself.
func statusError(status int) error {
	switch status {
	case http.StatusBadRequest:
		return errMalformedBody
	case http.StatusRequestTimeout:
		return errBodyTimeout
	case http.StatusRequestEntityTooLarge:
		return errBodyTooLarge
	case http.StatusUnsupportedMediaType, http.StatusNotAcceptable:
		return errMediaType
	case http.StatusUnprocessableEntity:
		return models.InvalidInput()
	default:
		return errInternal
	}
}
