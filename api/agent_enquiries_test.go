package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

// someEnquiries is a list of three.
type someEnquiries struct{ Enquiries }

func (someEnquiries) OpenEnquiries(_ context.Context, _ models.Actor, state hotline.EnquiryState, p hotline.Page) ([]hotline.Enquiry, error) {
	var out []hotline.Enquiry
	for n := 3; n > 0; n-- {
		id := models.ID(fmt.Sprintf("00000000-0000-7000-8000-00000000000%d", n))
		if (p.After == "" || id < p.After) && len(out) < p.Limit {
			out = append(out, hotline.Enquiry{ID: id, Number: "N", Kind: "loss_unconfirmed", State: state})
		}
	}
	return out, nil
}

// onCall is the rig's authenticator with a caller on the agent's telephone, or another agent at the desk.
type onCall struct {
	fakeAuth
	staff, caller models.ID
}

func (a *onCall) Agent(ctx context.Context, token string) (models.Actor, []hotline.Permission, error) {
	by, may, err := a.fakeAuth.Agent(ctx, token)
	by.ID, by.Subject = a.staff, a.caller
	return by, may, err
}

func TestR59_TheStaffsListGoesOnWhoeverIsOnTheTelephone(t *testing.T) {
	t.Parallel()
	auth := &onCall{staff: "agent-1"}
	r := newRig(t, func(d *Deps) { d.Auth, d.Enquiries = auth, someEnquiries{} })
	page := func(query string) (int, list[enquiryReply]) {
		var body list[enquiryReply]
		w := r.call(http.MethodGet, "/agent/v1/enquiries?limit=1"+query, "", bearer(agentToken)...)
		if w.Code == http.StatusOK {
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &body))
		}
		return w.Code, body
	}
	_, first := page("")
	require.NotEmpty(t, first.NextCursor)
	for i, caller := range []models.ID{"person-1", "person-2", ""} { // a call begins, another, and ends
		auth.caller = caller
		code, next := page("&cursor=" + first.NextCursor)
		require.Equal(t, http.StatusOK, code, i)
		require.NotEqual(t, first.Items[0].EnquiryID, next.Items[0].EnquiryID)
	}
	code, _ := page("&state=closed&cursor=" + first.NextCursor)
	require.Equal(t, http.StatusUnprocessableEntity, code, "another filter")
	auth.staff = "agent-2"
	code, _ = page("&cursor=" + first.NextCursor)
	require.Equal(t, http.StatusUnprocessableEntity, code, "another member of staff")
}
