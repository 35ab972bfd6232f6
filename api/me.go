package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/citizen"
)

func (s *server) registerMe() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/me", ID: "getMe", Summary: "Oneself, masked (R54), and how one is bound here",
		Audience: Citizen, Limit: LimitRead,
	}, s.getMe)
	register(s, op{
		Method: http.MethodPut, Path: "/v1/me", ID: "updateMe", Summary: "Name the device of this session; nothing else is ours to edit (R1, R2)",
		Audience: Citizen, Limit: LimitWrite, Errs: []*models.Error{citizen.ErrNothingToChange},
	}, s.updateMe)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/me/reveal", ID: "revealMe", Summary: "One's own data unmasked, after a fresh check; audited (R54)",
		Act: models.ActReveal, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusOK},
	}, s.revealMe)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/me/access-log", ID: "listAccess", Summary: "Who else looked at one's data or acted for one",
		Audience: Citizen, Limit: LimitRead, Errs: []*models.Error{citizen.ErrNotBound},
	}, s.listAccess)
}

type meReply struct {
	Bound     bool       `json:"bound"`
	Level     string     `json:"level" enum:"platform,phone,real,fresh"`
	CheckedAt *time.Time `json:"checked_at,omitempty"`
	Borrowed  bool       `json:"borrowed" doc:"A borrowed phone: fifteen minutes, nothing bound (R67)"`
	Platform  string     `json:"platform"`
	BoundAt   *time.Time `json:"bound_at,omitempty"`
	BoundBy   string     `json:"bound_by,omitempty" enum:"registry_phone,real_person,slip"`

	Name     string `json:"name,omitempty" doc:"Masked"`
	IDNumber string `json:"id_number,omitempty" doc:"Masked"`
	Phone    string `json:"phone,omitempty" doc:"Masked; the phone messages go to"`
	District string `json:"district,omitempty"`

	Accounts []accountReply `json:"accounts" nullable:"false" doc:"Every platform account that stands for the person (R52)"`

	AsOf        *time.Time        `json:"as_of,omitempty" doc:"When our copy was last refreshed"`
	PhoneChange *phoneChangeReply `json:"phone_change,omitempty"`
}

type accountReply struct {
	Platform string     `json:"platform"`
	Level    string     `json:"level" enum:"platform,phone,real"`
	BoundAt  *time.Time `json:"bound_at,omitempty"`
	Current  bool       `json:"current"`
}

type meOutput struct {
	Body meReply
}

type getMeOutput struct {
	ETag string `header:"ETag"`
	Body meReply
}

// newMeReply shows the values as they print themselves: masked.
func newMeReply(me citizen.Me, channel models.Channel) meReply {
	out := meReply{
		Bound: me.Person.ID != "", Level: me.Level.String(), CheckedAt: instantOrNone(me.CheckedAt), Borrowed: me.Borrowed,
		Platform: string(channel), BoundAt: instantOrNone(me.Account.BoundAt), BoundBy: string(me.Account.BoundBy), Accounts: make([]accountReply, len(me.Accounts)),
	}
	for i, a := range me.Accounts {
		out.Accounts[i] = accountReply{
			Platform: string(a.Platform), Level: a.Level.String(), BoundAt: instantOrNone(a.BoundAt), Current: a.ID == me.Account.ID,
		}
	}
	if out.Bound {
		p := me.Person
		out.Name, out.IDNumber, out.Phone, out.District = p.Name.String(), p.IDNumber.String(), p.ReachedAt().String(), p.District
		out.AsOf = instantOrNone(p.ReceivedAt)
	}
	if me.PhoneChange.ID != "" {
		change := newPhoneChangeReply(me.PhoneChange)
		out.PhoneChange = &change
	}
	return out
}

func (s *server) getMe(ctx context.Context, _ *struct{}) (*getMeOutput, error) {
	by := actorFrom(ctx)
	me, err := s.Citizens.ShowMe(ctx, by)
	if err != nil {
		return nil, err
	}
	out := &getMeOutput{Body: newMeReply(me, by.Channel)}
	undated := out.Body
	undated.AsOf = nil
	out.ETag = s.etag(undated)
	return out, nil
}

type updateMeInput struct {
	Body struct {
		Device string `json:"device,omitempty" maxLength:"200" doc:"What this device is called in the list of sessions"`
	}
}

func (s *server) updateMe(ctx context.Context, in *updateMeInput) (*meOutput, error) {
	if err := s.Citizens.NameDevice(ctx, actorFrom(ctx), in.Body.Device); err != nil {
		return nil, err
	}
	out, err := s.getMe(ctx, nil)
	if err != nil {
		return nil, err
	}
	return &meOutput{out.Body}, nil
}

// revealMe is the one answer that shows a person's own values whole.
func (s *server) revealMe(ctx context.Context, _ *struct{}) (*meOutput, error) {
	by := actorFrom(ctx)
	me, err := s.Citizens.RevealMe(ctx, by)
	if err != nil {
		return nil, err
	}
	out := newMeReply(me, by.Channel)
	out.Name, out.IDNumber, out.Phone = me.Person.Name.Reveal(), me.Person.IDNumber.Reveal(), me.Person.ReachedAt().Reveal()
	return &meOutput{Body: out}, nil
}

type accessReply struct {
	At      time.Time `json:"at"`
	By      string    `json:"by" enum:"agent,citizen" doc:"agent: a 12333 agent in a call; citizen: someone acting for you"`
	Channel string    `json:"channel"`
	Action  string    `json:"action" doc:"e.g. hotline.call.verified"`
	Result  string    `json:"result"`
	Text    string    `json:"text" doc:"In Chinese, to be shown as it is: who, why, and what was looked at or done"`
}

type accessOutput struct {
	ETag string `header:"ETag"`
	Body list[accessReply]
}

func (s *server) listAccess(ctx context.Context, in *struct{ Page }) (*accessOutput, error) {
	before, err := s.place(ctx, "", in.Cursor)
	if err != nil {
		return nil, err
	}
	entries, err := s.Citizens.ReadAccessLog(ctx, actorFrom(ctx), models.ID(before), in.Limit)
	if err != nil {
		return nil, err
	}
	items := make([]accessReply, len(entries))
	for i, e := range entries {
		items[i] = accessReply{At: e.At, By: string(e.Kind), Channel: string(e.Channel), Action: e.Action, Result: e.Result, Text: e.Text}
	}
	next := ""
	if len(entries) == in.Limit {
		next = string(entries[len(entries)-1].ID)
	}
	body := listOf(items, s.cursor(ctx, "", next))
	return &accessOutput{s.etag(body), body}, nil
}
