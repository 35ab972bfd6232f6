package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"onecard/models"
	"onecard/models/hotline"
)

// authenticate finds out who sent the request. An operation knows one audience: another's credential is no credential
// there. A cookie counts for unsafe requests only from our own origin; a bearer token and a cookie together are refused.
func (s *server) authenticate(c *gin.Context) {
	r := requestFrom(c.Request.Context())
	if r.op == nil {
		c.Next()
		return
	}
	if r.op.SetsCookie {
		if err := s.csrf.Check(c.Request); err != nil {
			s.refuse(c, errCrossOrigin)
			return
		}
	}
	if !r.op.personal() {
		c.Next()
		return
	}
	if err := s.identify(c, r); err != nil {
		s.refuse(c, err)
		return
	}
	c.Next()
}

func (s *server) identify(c *gin.Context, r *request) error {
	token, err := s.credential(c.Request, r)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	who, kind := s.Auth.Citizen, models.CitizenActor
	if r.op.Audience == Agent {
		kind = models.AgentActor
		who = func(ctx context.Context, token string) (by models.Actor, err error) {
			by, r.may, err = s.Auth.Agent(ctx, token)
			return by, err
		}
	} else {
		r.handle = handleOf(token)
	}
	asked, err := s.lookHot(ctx, c.Request, r, token)
	actor := r.actor
	if !asked {
		actor, err = who(ctx, token)
	}
	if models.KindOf(err) == models.NotFound {
		err = errLoginRequired.Because(err)
	}
	if err != nil {
		return err
	}
	if actor.Kind != kind {
		return errLoginRequired
	}
	r.actor, r.guest = actor, false
	return nil
}

// permit holds an agents' operation against what the roles of this moment open, before anything of the request is read:
// a refusal tells nothing about what the address names. It stands behind the limits, because each refusal is a row.
func (s *server) permit(c *gin.Context) {
	r := requestFrom(c.Request.Context())
	if r.op == nil || r.op.Audience != Agent || r.op.May == hotline.AnyStaff || slices.Contains(r.may, r.op.May) {
		c.Next()
		return
	}
	s.refuse(c, s.Auth.NotPermitted(c.Request.Context(), r.actor, r.op.May, r.op.ID))
}

// handleOf is the part of a token that names whose it is.
func handleOf(token string) string {
	_, rest, _ := strings.Cut(token, ".")
	handle, _, _ := strings.Cut(rest, ".")
	return handle
}

// credential is the one token the request carries, in its form at least.
func (s *server) credential(req *http.Request, r *request) (string, error) {
	headers := req.Header.Values("Authorization")
	cookies := req.CookiesNamed(s.cookieName(r.op.Audience))
	switch {
	case len(headers)+len(cookies) == 0:
		return "", errLoginRequired
	case len(headers)+len(cookies) > 1:
		return "", errTwoCredentials
	}
	var token string
	if len(cookies) == 1 {
		r.cookie = true
		if err := s.csrf.Check(req); err != nil {
			return "", errCrossOrigin
		}
		token = cookies[0].Value
	} else {
		scheme, value, _ := strings.Cut(headers[0], " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return "", errLoginRequired
		}
		token = value
	}
	if !tokenForm(token) {
		return "", errLoginRequired
	}
	return token, nil
}

// tokenForm is oc1.<handle>.<secret>, oa1. for agents, in the letters of base64url or hex, so that no store is asked
// about rubbish. Which prefix opens which audience the authenticators say.
func tokenForm(token string) bool {
	kind, rest, _ := strings.Cut(token, ".")
	handle, secret, ok := strings.Cut(rest, ".")
	return ok && (kind == "oc1" || kind == "oa1") && tokenPart(handle) && tokenPart(secret)
}

func tokenPart(s string) bool {
	if len(s) < 16 || len(s) > 128 {
		return false
	}
	for i := range len(s) {
		b := s[i]
		if (b < '0' || b > '9') && (b < 'a' || b > 'z') && (b < 'A' || b > 'Z') && b != '-' && b != '_' {
			return false
		}
	}
	return true
}
