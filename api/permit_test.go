package api

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

// roles is the rig's authenticator with a member of staff of given roles, who tried what.
type roles struct {
	fakeAuth
	of    hotline.Staff
	tried []string
}

func (a *roles) Agent(ctx context.Context, token string) (models.Actor, []hotline.Permission, error) {
	by, _, err := a.fakeAuth.Agent(ctx, token)
	return by, a.of.Permissions(), err
}

func (a *roles) NotPermitted(_ context.Context, _ models.Actor, may hotline.Permission, operation string) error {
	a.tried = append(a.tried, operation+" "+string(may))
	return hotline.ErrNotPermitted
}

var inBraces = regexp.MustCompile(`\{[a-z_]+\}`)

// TestR56_EveryRouteAsksItsPermission knocks at each agents' operation as a member of staff whose roles do not open it,
// with an address that leads nowhere and a body that says nothing: only the refusal of the role may come back, or the
// answer would tell what there is.
func TestR56_EveryRouteAsksItsPermission(t *testing.T) {
	t.Parallel()
	auth := &roles{}
	r := newRig(t, func(d *Deps) { d.Auth = auth })
	asked := 0
	for _, o := range r.ops {
		if o.Audience != Agent || o.May == hotline.AnyStaff {
			continue
		}
		auth.of.Roles, auth.tried = nil, nil
		for role := range hotline.Permissions {
			if !slices.Contains(hotline.RolesWith(o.May), role) {
				auth.of.Roles = append(auth.of.Roles, role)
			}
		}
		body := ""
		if o.hasBody {
			body = "{"
		}
		requireProblem(t, r.call(o.Method, inBraces.ReplaceAllString(o.Path, "nobody"), body, bearer(agentToken)...), 403, "ROLE_NOT_PERMITTED")
		require.Equal(t, []string{o.ID + " " + string(o.May)}, auth.tried, "each try is written down once")
		require.Contains(t, o.codes(), "ROLE_NOT_PERMITTED", o.ID)
		asked++
	}
	require.Greater(t, asked, 35)
}

func TestR56_ARefusedRoleIsCountedBeforeItIsWrittenDown(t *testing.T) {
	t.Parallel()
	auth := &roles{}
	r := newRig(t, func(d *Deps) { d.Auth, d.Figures.Reads = auth, 3 })
	for range 5 {
		r.call(http.MethodGet, "/agent/v1/held", "", bearer(agentToken)...)
	}
	require.Len(t, auth.tried, 3)
	requireProblem(t, r.call(http.MethodGet, "/agent/v1/held", ""), 401, "LOGIN_REQUIRED")
	require.Len(t, auth.tried, 3)
}

func TestTheDocumentShowsPermissions(t *testing.T) {
	t.Parallel()
	var doc struct {
		Paths map[string]map[string]struct {
			Audience   string `json:"x-audience"`
			Permission string `json:"x-permission"`
		}
	}
	require.NoError(t, json.Unmarshal(newRig(t).document, &doc))
	require.Equal(t, "review_held", doc.Paths["/agent/v1/held"]["get"].Permission)
	for path, item := range doc.Paths {
		for method, o := range item {
			require.Equal(t, o.Audience == "agent", o.Permission != "", "%s %s", method, path)
		}
	}
}
