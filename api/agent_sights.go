package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/hotline"
)

// atBasic are the refusals of what is read after Basic verification.
var atBasic = append([]*models.Error{hotline.ErrVerificationRequired, hotline.ErrPhoneLocked}, inCall...)

func (s *server) registerAgentSights() {
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/calls/{call_id}/cards", ID: "cardsOfCall",
		Summary: "The caller's cards with both accounts, what is stopped and what is not, and the one next step, in the sentences she reads; her bank only once she is known as for a loss report",
		Act:     models.ActCardRead, Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitRead, Errs: atBasic,
	}, s.cardsOfCall)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/calls/{call_id}/applications", ID: "applicationsOfCall",
		Summary: "How far the caller's applications are (R27); below Full without bank, outlet and dates, which are questions of R58",
		Act:     models.ActProgressRead, Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitRead, Errs: atBasic,
	}, s.applicationsOfCall)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/calls/{call_id}/replacements", ID: "replacementsOfCall",
		Summary: "How far the caller's replacements are, and what became of their fees (R49)",
		Act:     models.ActProgressRead, Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitRead, Errs: atBasic,
	}, s.replacementsOfCall)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/calls/{call_id}/contacts", ID: "contactsOfCall",
		Summary: "The last three times the caller was in touch: calls, enquiries, acts; no notes and nothing of reports of misuse (R68)",
		Act:     models.ActCardRead, Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitRead, Errs: atBasic,
	}, s.contactsOfCall)
}

type callHomeOutput struct {
	Body struct {
		Level    string        `json:"level" enum:"basic,full"`
		Named    bool          `json:"named" doc:"Whether bank and numbers are in the answer"`
		Cards    []cardReply   `json:"cards" nullable:"false"`
		NextStep nextStepReply `json:"next_step" doc:"Exactly one (R25)"`
		AsOf     *time.Time    `json:"as_of,omitempty" doc:"How fresh our copy is"`
	}
}

func (s *server) cardsOfCall(ctx context.Context, in *CallPath) (*callHomeOutput, error) {
	var home card.Home
	view, err := s.Calls.Looking(ctx, actorFrom(ctx), in.id(), hotline.SeesCards, func(ctx context.Context, by models.Actor) (err error) {
		home, err = s.Cards.Cards(ctx, by)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &callHomeOutput{}
	out.Body.Level, out.Body.Named = string(view.Level), view.Strength.OpensLoss()
	if !out.Body.Named {
		home = home.Unnamed()
	}
	shown := newHomeReply(home)
	for i := range shown.Cards {
		if shown.Cards[i].Loss != nil {
			shown.Cards[i].Loss.Next = []string{} // nothing more is done by phone (R36)
		}
	}
	out.Body.Cards, out.Body.NextStep, out.Body.AsOf = shown.Cards, shown.NextStep, instantOrNone(home.AsOf)
	return out, nil
}

type callApplicationReply struct {
	Receipt     string         `json:"receipt,omitempty" doc:"At Full"`
	State       string         `json:"state"`
	Label       string         `json:"label" doc:"In Chinese, to be read out"`
	Advice      string         `json:"advice" doc:"In Chinese, to be read out"`
	Holder      string         `json:"holder,omitempty" doc:"Who holds the next step, in Chinese"`
	Bank        *bankReply     `json:"bank,omitempty" doc:"At Full"`
	Outlet      *placeReply    `json:"outlet,omitempty" doc:"At Full"`
	ExpectedBy  *time.Time     `json:"expected_by,omitempty" doc:"At Full"`
	Overdue     string         `json:"overdue,omitempty"`
	Timeline    []progressLine `json:"timeline" nullable:"false" doc:"Dated at Full"`
	Defects     []defectReply  `json:"defects,omitempty"`
	SubmittedAt *time.Time     `json:"submitted_at,omitempty" doc:"At Full"`
}

type callApplicationsOutput struct {
	Body struct {
		List[callApplicationReply]
		Level string     `json:"level" enum:"basic,full"`
		AsOf  *time.Time `json:"as_of,omitempty" doc:"How fresh our copy of the registry is"`
	}
}

func (s *server) applicationsOfCall(ctx context.Context, in *CallPath) (*callApplicationsOutput, error) {
	var found []card.Progress
	var asOf time.Time
	view, err := s.Calls.Looking(ctx, actorFrom(ctx), in.id(), hotline.SeesApplications, func(ctx context.Context, by models.Actor) (err error) {
		if asOf, err = s.Applications.AsOf(ctx, by.Subject); err == nil {
			found, err = s.Applications.Applications(ctx, by, 20)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	items := make([]callApplicationReply, len(found))
	for i, p := range found {
		if view.Level != hotline.LevelFull {
			p = p.Unnamed()
		}
		items[i] = newCallApplicationReply(p)
	}
	out := &callApplicationsOutput{}
	out.Body.List, out.Body.Level, out.Body.AsOf = listOf(items, ""), string(view.Level), instantOrNone(asOf)
	return out, nil
}

func newCallApplicationReply(p card.Progress) callApplicationReply {
	a := newApplicationReply(p)
	r := callApplicationReply{
		Receipt: a.Receipt, State: a.State, Label: a.Label, Advice: a.Advice, Holder: a.Holder, Outlet: a.Outlet, ExpectedBy: a.ExpectedBy,
		Overdue: a.Overdue, Timeline: a.Timeline, Defects: a.Defects, SubmittedAt: instantOrNone(a.SubmittedAt),
	}
	if a.Bank.Code != "" {
		r.Bank = &a.Bank
	}
	return r
}

type callReplacementsOutput struct {
	Body struct {
		List[callReplacementLong]
		Level string     `json:"level" enum:"basic,full"`
		AsOf  *time.Time `json:"as_of,omitempty" doc:"How fresh our copy of the registry is"`
	}
}

// callReplacementLong is a replacement as it is told on the telephone.
type callReplacementLong struct {
	Receipt    string         `json:"receipt"`
	State      string         `json:"state"`
	Label      string         `json:"label" doc:"In Chinese, to be read out"`
	Advice     string         `json:"advice" doc:"In Chinese, to be read out"`
	Holder     string         `json:"holder,omitempty"`
	FeeFen     int64          `json:"fee_fen" doc:"0 where it is waived"`
	FeeLabel   string         `json:"fee_label" doc:"In Chinese"`
	Refund     string         `json:"refund,omitempty" doc:"What became of money that goes back, in Chinese (R49)"`
	Outlet     *placeReply    `json:"outlet,omitempty" doc:"At Full"`
	ExpectedBy *time.Time     `json:"expected_by,omitempty"`
	Overdue    string         `json:"overdue,omitempty"`
	Timeline   []progressLine `json:"timeline" nullable:"false"`
	Defects    []defectReply  `json:"defects,omitempty"`
	AskedAt    time.Time      `json:"asked_at"`
}

func (s *server) replacementsOfCall(ctx context.Context, in *CallPath) (*callReplacementsOutput, error) {
	var found []card.ReplacementProgress
	var asOf time.Time
	view, err := s.Calls.Looking(ctx, actorFrom(ctx), in.id(), hotline.SeesReplacements, func(ctx context.Context, by models.Actor) (err error) {
		if asOf, err = s.Replacements.AsOf(ctx, by.Subject); err == nil {
			found, err = s.Replacements.Replacements(ctx, by, 20)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	items := make([]callReplacementLong, len(found))
	for i, p := range found {
		if view.Level != hotline.LevelFull {
			p = p.Unnamed()
		}
		items[i] = newCallReplacementLong(p)
	}
	out := &callReplacementsOutput{}
	out.Body.List, out.Body.Level, out.Body.AsOf = listOf(items, ""), string(view.Level), instantOrNone(asOf)
	return out, nil
}

func newCallReplacementLong(p card.ReplacementProgress) callReplacementLong {
	r := newReplacementReply(p)
	return callReplacementLong{
		Receipt: r.Receipt, State: r.State, Label: r.Label, Advice: r.Advice, Holder: r.Holder, FeeFen: int64(p.Fee.AmountFen), FeeLabel: p.Fee.Label,
		Refund: p.Fee.Refund, Outlet: r.Outlet, ExpectedBy: r.ExpectedBy, Overdue: r.Overdue, Timeline: r.Timeline, Defects: r.Defects, AskedAt: r.AskedAt,
	}
}

type contactReply struct {
	Kind    string    `json:"kind" enum:"call,enquiry,act"`
	At      time.Time `json:"at"`
	Channel string    `json:"channel,omitempty"`
	Text    string    `json:"text" doc:"In Chinese"`
}

type contactsOutput struct {
	Body list[contactReply]
}

func (s *server) contactsOfCall(ctx context.Context, in *CallPath) (*contactsOutput, error) {
	found, err := s.Calls.Contacts(ctx, actorFrom(ctx), in.id())
	if err != nil {
		return nil, err
	}
	items := make([]contactReply, len(found))
	for i, c := range found {
		items[i] = contactReply{c.Kind, c.At, string(c.Channel), c.What}
	}
	return &contactsOutput{listOf(items, "")}, nil
}
