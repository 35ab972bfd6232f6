package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"onecard/models/policy"
)

// registerNearOutlets: where somebody stands is hers alone, and an address with it in would be kept by browsers and
// everything on the way. So it travels in a body, is rounded before it is used, and stands in no log, row or key.
func (s *server) registerNearOutlets() {
	register(s, op{
		Method: http.MethodPost, Path: "/v1/outlets/near", ID: "findNearOutlets", Summary: "Outlets by distance, the nearest first (R19); the position is used for this answer and kept nowhere; no login",
		Audience: Public, Limit: LimitRead, BodyLimit: 2 << 10, Statuses: []int{http.StatusOK},
	}, s.findNearOutlets)
}

type findNearInput struct {
	Body struct {
		Longitude float64 `json:"longitude" minimum:"73" maximum:"136" doc:"Rounded to about a hundred metres before it is used"`
		Latitude  float64 `json:"latitude" minimum:"3" maximum:"54"`
		Datum     string  `json:"datum,omitempty" enum:"gcj02,wgs84" default:"gcj02" doc:"gcj02: what wx.getLocation (type gcj02) and my.getLocation give, and what the registry's outlets stand in; wgs84: a browser's own position, moved by us"`
		District  string  `json:"district,omitempty" pattern:"^([0-9]{6})?$"`
		Kind      string  `json:"kind,omitempty" enum:"bank,hrss,hospital,pharmacy"`
		Bank      string  `json:"bank,omitempty" maxLength:"12"`
		Service   string  `json:"service,omitempty" enum:"apply,collect,replace,loss,release,activate_social_security,activate_financial,financial_loss,financial_release,phone_change,binding_slip"`
		Name      string  `json:"name,omitempty" maxLength:"40"`
		OpenNow   bool    `json:"open_now,omitempty"`
		OpenOn    string  `json:"open_on,omitempty" format:"date"`
		Limit     int     `json:"limit,omitempty" default:"20" minimum:"1" maximum:"100"`
		Cursor    string  `json:"cursor,omitempty" maxLength:"1024" doc:"next_cursor of the page before, with the same body otherwise"`
	}
}

type findNearOutput struct {
	Body struct {
		List[outletReply]
		AsOf *time.Time `json:"as_of,omitempty" doc:"How fresh our copy is"`
	}
}

func (s *server) findNearOutlets(ctx context.Context, in *findNearInput) (*findNearOutput, error) {
	b := in.Body
	f := outletFilter{b.District, b.Kind, b.Bank, b.Service, b.Name, b.OpenNow, b.OpenOn}
	// The position is in the cursor's MAC, never in the cursor: a page goes on from the same place or is refused.
	key := f.key() + fmt.Sprintf("|%.3f|%.3f|%s", b.Longitude, b.Latitude, b.Datum)
	after, err := s.place(ctx, key, b.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Outlets.FindNear(ctx, policy.FindNearInput{
		FindOutletsInput: f.input(after, b.Limit), At: policy.Position{Longitude: b.Longitude, Latitude: b.Latitude}, Datum: policy.Datum(b.Datum),
	})
	if err != nil {
		return nil, err
	}
	items := s.outletReplies(found.Items)
	for i := range items {
		items[i].DistanceM = &found.Items[i].Distance
	}
	out := &findNearOutput{}
	out.Body.List, out.Body.AsOf = listOf(items, s.cursor(ctx, key, found.Next)), instantOrNone(found.AsOf)
	return out, nil
}
