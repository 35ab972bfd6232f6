package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/card"
)

func (s *server) registerLossReports() {
	register(s, op{
		Method: http.MethodPost, Path: "/v1/loss-reports", ID: "reportLoss", Summary: "Report the social-security account lost (挂失, R32)",
		Act: models.ActLoss, For: byFamily, Audience: Citizen, Limit: LimitWrite, DespiteOutage: true,
		Statuses: []int{http.StatusCreated, http.StatusAccepted, http.StatusOK},
		Errs: []*models.Error{card.ErrCardNotFound, card.ErrCardVoid, card.ErrCardCancelled, card.ErrNoAccountYet, card.ErrBankInPerson,
			card.ErrAccountWord, card.ErrLossRefused},
	}, s.reportLoss)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/loss-reports", ID: "listLossReports", Summary: "Own loss reports, newest first",
		Act: models.ActCardRead, For: byFamily, Audience: Citizen, Limit: LimitRead,
	}, s.listLossReports)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/loss-reports/{loss_id}", ID: "getLossReport", Summary: "One loss report and what it stopped",
		Act: models.ActCardRead, For: byFamily, Audience: Citizen, Limit: LimitRead, Errs: []*models.Error{card.ErrLossNotFound},
	}, s.getLossReport)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/loss-reports/{loss_id}/release", ID: "releaseLoss", Summary: "Release a loss (解挂, R35): the holder, after a fresh check",
		Act: models.ActRelease, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusOK, http.StatusAccepted},
		Errs: []*models.Error{card.ErrLossNotFound, card.ErrNoLossRecord, card.ErrLossNotConfirmedYet, card.ErrCardVoid, card.ErrReleaseAtOutlet,
			card.ErrReleaseTooSoon, card.ErrBankInPerson, card.ErrAccountWord},
	}, s.releaseLoss)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/loss-reports/{loss_id}/renewal", ID: "renewLoss", Summary: "Move the registry's end date of a loss (R43)",
		Act: models.ActLoss, Audience: Citizen, Limit: LimitWrite, DespiteOutage: true, Statuses: []int{http.StatusOK},
		Errs: []*models.Error{card.ErrLossNotFound, card.ErrNoLossRecord, card.ErrNothingToRenew},
	}, s.renewLoss)
}

type lossReply struct {
	LossID      string     `json:"loss_id"`
	CardID      string     `json:"card_id"`
	Receipt     string     `json:"receipt" doc:"The number people read aloud"`
	State       string     `json:"state" enum:"received,unconfirmed,effective,refused,withdrawn,release_requested,released,lapsed,voided,unresolved"`
	Effective   bool       `json:"effective" doc:"The registry has confirmed it and nothing has ended it"`
	Source      string     `json:"source" doc:"The door it came by: a channel of ours, phone, window, bank_window"`
	SourceText  string     `json:"source_text"`
	RegistryRef string     `json:"registry_reference,omitempty"`
	ReportedAt  time.Time  `json:"reported_at"`
	EffectiveAt *time.Time `json:"effective_at,omitempty"`
	EndedAt     *time.Time `json:"ended_at,omitempty"`
	ExpiresAt   *time.Time `json:"expires_at,omitempty" doc:"Only where the registry gave a date (R43)"`
	Next        []string   `json:"next" nullable:"false" doc:"What may be asked now: release, withdraw, renew"`
}

type lossOutput struct {
	Status int
	Body   struct {
		Statement   statementReply `json:"statement" doc:"Shown first (R40)"`
		Replacement *besideReply   `json:"replacement,omitempty" doc:"After a release: the card's replacement that goes on, and the question whether to withdraw it (R41)"`
		LossReply
	}
}

func newLossReply(r card.LossReport) lossReply {
	out := lossReply{
		LossID: string(r.ID), CardID: string(r.CardID), Receipt: r.Receipt, State: string(r.State), Effective: r.InForce(), Source: r.Source,
		SourceText: r.SourceWord(), RegistryRef: r.RegistryRef, ReportedAt: r.ReportedAt, EffectiveAt: instantOrNone(r.EffectiveAt),
		EndedAt: instantOrNone(r.EndedAt), ExpiresAt: instantOrNone(r.ExpiresAt), Next: []string{},
	}
	switch r.State {
	case card.LossReceived:
		out.Next = append(out.Next, "withdraw")
	case card.LossEffective:
		out.Next = append(out.Next, "release")
		if !r.ExpiresAt.IsZero() {
			out.Next = append(out.Next, "renew")
		}
	}
	return out
}

func (s *server) lossOutput(ctx context.Context, status int, r card.LossReport) (*lossOutput, error) {
	st, err := s.Cards.StatementFor(ctx, r)
	if err != nil {
		return nil, err
	}
	out := &lossOutput{Status: status}
	out.Body.Statement, out.Body.LossReply = newStatementReply(st), newLossReply(r)
	return out, nil
}

type reportLossInput struct {
	Body struct {
		CardID  string `json:"card_id" maxLength:"36" doc:"One of listCards"`
		Account string `json:"account,omitempty" maxLength:"16" doc:"social, or nothing; financial is the bank's (R39)"`
	}
}

// reportLoss answers 201 effective, 202 received or unconfirmed, 200 for a report that stood already.
func (s *server) reportLoss(ctx context.Context, in *reportLossInput) (*lossOutput, error) {
	res, err := s.Cards.ReportLoss(ctx, actorFrom(ctx), card.ReportLossInput{CardID: models.ID(in.Body.CardID), Account: in.Body.Account})
	if err != nil {
		return nil, err
	}
	return s.lossOutput(ctx, lossStatus(res), res.Report)
}

func lossStatus(res card.LossResult) int {
	switch {
	case res.Repeated, !res.Report.Open(): // a repeated request may find its report ended
		return http.StatusOK
	case res.Report.InForce():
		return http.StatusCreated
	default:
		return http.StatusAccepted
	}
}

type lossReportsOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		List[lossReply]
		AsOf *time.Time `json:"as_of,omitempty" doc:"How fresh our copy of the registry is"`
	}
}

// listLossReports shows the newest hundred: a card has at most one open report, so a person has few.
func (s *server) listLossReports(ctx context.Context, _ *struct{}) (*lossReportsOutput, error) {
	asOf, err := s.Cards.AsOf(ctx, actorFrom(ctx).Subject)
	if err != nil {
		return nil, err
	}
	reports, err := s.Cards.LossReports(ctx, actorFrom(ctx), 100)
	if err != nil {
		return nil, err
	}
	items := make([]lossReply, len(reports))
	for i, r := range reports {
		items[i] = newLossReply(r)
	}
	out := &lossReportsOutput{}
	out.Body.List = listOf(items, "")
	out.ETag, out.Body.AsOf = s.etag(out.Body.List), instantOrNone(asOf)
	return out, nil
}

type lossPath struct {
	LossID string `path:"loss_id" maxLength:"36"`
}

type getLossReportOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Statement statementReply `json:"statement" doc:"Shown first (R40)"`
		LossReply
		AsOf *time.Time `json:"as_of,omitempty" doc:"How fresh our copy of the registry is"`
	}
}

func (s *server) getLossReport(ctx context.Context, in *lossPath) (*getLossReportOutput, error) {
	asOf, err := s.Cards.AsOf(ctx, actorFrom(ctx).Subject)
	if err != nil {
		return nil, err
	}
	r, st, err := s.Cards.LossReport(ctx, actorFrom(ctx), models.ID(in.LossID))
	if err != nil {
		return nil, err
	}
	out := &getLossReportOutput{}
	out.Body.Statement, out.Body.LossReply = newStatementReply(st), newLossReply(r)
	out.ETag, out.Body.AsOf = s.etag(out.Body), instantOrNone(asOf)
	return out, nil
}

type releaseLossInput struct {
	LossID string `path:"loss_id" maxLength:"36"`
	Body   struct {
		Account string `json:"account,omitempty" maxLength:"16" doc:"social, or nothing; financial is the bank's (R39)"`
	}
}

func (s *server) releaseLoss(ctx context.Context, in *releaseLossInput) (*lossOutput, error) {
	r, err := s.Cards.ReleaseLoss(ctx, actorFrom(ctx), models.ID(in.LossID), in.Body.Account)
	if err != nil {
		return nil, err
	}
	status := http.StatusOK
	if r.Open() {
		status = http.StatusAccepted
	}
	out, err := s.lossOutput(ctx, status, r)
	if err != nil {
		return nil, err
	}
	out.Body.Replacement, err = s.replacementBeside(ctx, r)
	return out, err
}

// replacementBeside is what goes on although the card was found; nothing where nothing does.
func (s *server) replacementBeside(ctx context.Context, r card.LossReport) (*besideReply, error) {
	p, err := s.Replacements.ReplacementBeside(ctx, r)
	if errors.Is(err, models.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &besideReply{string(p.Replacement.ID), p.Label, p.FoundAsk(), p.Withdrawable}, nil
}

func (s *server) renewLoss(ctx context.Context, in *lossPath) (*lossOutput, error) {
	r, err := s.Cards.RenewLoss(ctx, actorFrom(ctx), models.ID(in.LossID))
	if err != nil {
		return nil, err
	}
	return s.lossOutput(ctx, http.StatusOK, r)
}
