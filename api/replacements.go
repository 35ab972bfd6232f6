package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/payment"
	"onecard/models/policy"
)

// Replacements are the use cases of replacements.
type Replacements interface {
	RequestReplacement(ctx context.Context, by models.Actor, in card.ReplaceInput) (card.ReplaceResult, error)
	Replacement(ctx context.Context, by models.Actor, id models.ID) (card.ReplacementProgress, error)
	Replacements(ctx context.Context, by models.Actor, limit int) ([]card.ReplacementProgress, error)
	CorrectReplacement(ctx context.Context, by models.Actor, id models.ID, in card.SubmitInput) (card.Replacement, error)
	WithdrawReplacement(ctx context.Context, by models.Actor, id models.ID) (card.Replacement, error)
	ReplacementProgressOf(ctx context.Context, r card.Replacement) (card.ReplacementProgress, error)
	ReplacementBeside(ctx context.Context, r card.LossReport) (card.ReplacementProgress, error)
	AsOf(ctx context.Context, person models.ID) (time.Time, error)
}

func (s *server) registerReplacements() {
	register(s, op{
		Method: http.MethodPost, Path: "/v1/replacements", ID: "requestReplacement",
		Summary: "Order a new card for an old one (补换卡, R44); a lost card is reported lost first, then the order awaits its fee (R21), or goes on at once where that is waived",
		Act:     models.ActReplace, For: byGuardians, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusCreated, http.StatusOK},
		Errs: []*models.Error{card.ErrReplaceNotByPhone, card.ErrReplaceSelfOnly, card.ErrReplaceMinor, card.ErrReplaceByGuardian, card.ErrCardNotFound, card.ErrReplaceReason,
			card.ErrReplaceAtOutlet, card.ErrReplacementVoid, card.ErrCardCancelled, card.ErrReplaceNotInHand, citizen.ErrConsentRequired,
			card.ErrUploadUnknown, policy.ErrBankNotAvailable, card.ErrOutletRequired, payment.ErrFeeRoute, models.ErrConflict},
	}, s.requestReplacement)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/replacements", ID: "listReplacements", Summary: "Own replacements, how far they are and their fees, newest first",
		Act: models.ActProgressRead, For: byGuardians, Audience: Citizen, Limit: LimitRead,
	}, s.listReplacements)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/replacements/{replacement_id}", ID: "getReplacement", Summary: "One replacement: stages, fee, who holds the next step",
		Act: models.ActProgressRead, For: byGuardians, Audience: Citizen, Limit: LimitRead, Errs: []*models.Error{card.ErrReplacementNotFound},
	}, s.getReplacement)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/replacements/{replacement_id}/correction", ID: "correctReplacement",
		Summary: "Put a returned replacement right and submit it again under the same number (R69); its fee is not asked for again",
		Act:     models.ActReplace, For: byGuardians, Audience: Citizen, Limit: LimitWrite,
		Errs: []*models.Error{card.ErrReplaceNotByPhone, card.ErrReplaceSelfOnly, card.ErrReplaceMinor, citizen.ErrConsentRequired, card.ErrReplacementNotFound,
			card.ErrReplacementNotReturned, card.ErrReplacementAtWindow, card.ErrCorrectionsUsedUp, card.ErrReplacementBeingSent, card.ErrCorrectionIncomplete,
			card.ErrUploadUnknown, policy.ErrBankNotAvailable, card.ErrOutletRequired},
	}, s.correctReplacement)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/replacements/{replacement_id}/withdrawal", ID: "withdrawReplacement",
		Summary: "Take a replacement back before its production batch; its fee goes back once (R49)",
		Act:     models.ActReplace, TakesBack: true, For: byGuardians, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusOK, http.StatusAccepted},
		Errs: []*models.Error{card.ErrReplaceNotByPhone, card.ErrReplacementNotFound, card.ErrReplacementTooLate, models.ErrConflict},
	}, s.withdrawReplacement)
}

type requestReplacementInput struct {
	Body struct {
		CardID    string `json:"card_id" maxLength:"36" doc:"The old card: one of listCards"`
		Reason    string `json:"reason,omitempty" maxLength:"24" doc:"lost, damaged, expired, data_wrong; quality and moved_in_province make no order and cost nothing"`
		BankCode  string `json:"bank_code,omitempty" maxLength:"12" doc:"One of the card-service banks of listBanks (R16); empty: the bank of the old card, or who took it over"`
		OutletRef string `json:"outlet_ref,omitempty" maxLength:"64" doc:"One of listOutlets: where the new card is to be collected"`
		Photo     string `json:"photo,omitempty" maxLength:"36" doc:"Of takeUpload: a new photo for the new card; without it the one on file serves"`
		ForPerson string `json:"for_person,omitempty" maxLength:"36" doc:"Whose card it is, where not one's own: refused with the papers for the window (R45, R46)"`
	}
}

type replacementAnswer struct {
	Outcome     string            `json:"outcome" enum:"ordered,not_needed,at_window" doc:"not_needed and at_window: nothing was ordered, nothing is owed (R47)"`
	Text        string            `json:"text,omitempty" doc:"To be shown as it is, where nothing was ordered"`
	Statement   *statementReply   `json:"statement,omitempty" doc:"Of a lost card: what was stopped and what was not, shown first (R40)"`
	LossID      string            `json:"loss_id,omitempty"`
	Replacement *replacementReply `json:"replacement,omitempty"`
}

type requestReplacementOutput struct {
	Status int
	Body   replacementAnswer
}

// requestReplacement answers 201 for a new order; 200 for the one that is under way, or where none is made.
func (s *server) requestReplacement(ctx context.Context, in *requestReplacementInput) (*requestReplacementOutput, error) {
	res, err := s.Replacements.RequestReplacement(ctx, actorFrom(ctx), card.ReplaceInput{
		CardID: models.ID(in.Body.CardID), Reason: card.ReplacementReason(in.Body.Reason), BankCode: in.Body.BankCode, OutletRef: in.Body.OutletRef,
		Photo: models.ID(in.Body.Photo), ForPerson: models.ID(in.Body.ForPerson),
	})
	if err != nil {
		return nil, err
	}
	out := &requestReplacementOutput{Status: http.StatusOK, Body: replacementAnswer{Outcome: string(res.Outcome), Text: res.Text}}
	if res.Replacement.ID == "" {
		return out, nil
	}
	if !res.Repeated {
		out.Status = http.StatusCreated
	}
	if out.Body.Replacement, err = s.replacementNow(ctx, res.Replacement); err != nil || res.Loss.ID == "" {
		return out, err
	}
	st, err := s.Cards.StatementFor(ctx, res.Loss)
	if err != nil {
		return nil, err
	}
	said := newStatementReply(st)
	out.Body.Statement, out.Body.LossID = &said, string(res.Loss.ID)
	return out, nil
}

func (s *server) replacementNow(ctx context.Context, r card.Replacement) (*replacementReply, error) {
	p, err := s.Replacements.ReplacementProgressOf(ctx, r)
	if err != nil {
		return nil, err
	}
	reply := newReplacementReply(p)
	return &reply, nil
}

type replacementsOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		List[replacementReply]
		AsOf *time.Time `json:"as_of,omitempty" doc:"How fresh our copy of the registry is"`
	}
}

// listReplacements shows the newest hundred: a card has one at a time, and a person few in a lifetime.
func (s *server) listReplacements(ctx context.Context, _ *struct{}) (*replacementsOutput, error) {
	asOf, err := s.Replacements.AsOf(ctx, actorFrom(ctx).Subject)
	if err != nil {
		return nil, err
	}
	found, err := s.Replacements.Replacements(ctx, actorFrom(ctx), 100)
	if err != nil {
		return nil, err
	}
	items := make([]replacementReply, len(found))
	for i, p := range found {
		items[i] = newReplacementReply(p)
	}
	out := &replacementsOutput{}
	out.Body.List = listOf(items, "")
	out.ETag, out.Body.AsOf = s.etag(out.Body.List), instantOrNone(asOf)
	return out, nil
}

type replacementPath struct {
	ReplacementID string `path:"replacement_id" maxLength:"36"`
}

type replacementOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		ReplacementReply
		AsOf *time.Time `json:"as_of,omitempty" doc:"How fresh our copy of the registry is"`
	}
}

func (s *server) getReplacement(ctx context.Context, in *replacementPath) (*replacementOutput, error) {
	asOf, err := s.Replacements.AsOf(ctx, actorFrom(ctx).Subject)
	if err != nil {
		return nil, err
	}
	p, err := s.Replacements.Replacement(ctx, actorFrom(ctx), models.ID(in.ReplacementID))
	if err != nil {
		return nil, err
	}
	out := &replacementOutput{}
	out.Body.ReplacementReply = newReplacementReply(p)
	out.ETag, out.Body.AsOf = s.etag(out.Body.ReplacementReply), instantOrNone(asOf)
	return out, nil
}

type correctReplacementInput struct {
	ReplacementID string `path:"replacement_id" maxLength:"36"`
	Body          correctionForm
}

// correctionForm holds what changes; the rest of the order stays as it was.
type correctionForm struct {
	BankCode  string `json:"bank_code,omitempty" maxLength:"12" doc:"One of the card-service banks of listBanks (R16)"`
	OutletRef string `json:"outlet_ref,omitempty" maxLength:"64" doc:"One of listOutlets: where the new card is to be collected"`
	Uploads   struct {
		Photo   string `json:"photo,omitempty" maxLength:"36"`
		IDFront string `json:"id_front,omitempty" maxLength:"36"`
		IDBack  string `json:"id_back,omitempty" maxLength:"36"`
	} `json:"uploads,omitempty" doc:"Ids of takeUpload, for the pictures that the defects name"`
}

type correctReplacementOutput struct {
	Body replacementReply
}

func (s *server) correctReplacement(ctx context.Context, in *correctReplacementInput) (*correctReplacementOutput, error) {
	r, err := s.Replacements.CorrectReplacement(ctx, actorFrom(ctx), models.ID(in.ReplacementID), applicationForm(in.Body).input())
	if err != nil {
		return nil, err
	}
	reply, err := s.replacementNow(ctx, r)
	if err != nil {
		return nil, err
	}
	return &correctReplacementOutput{*reply}, nil
}

type withdrawReplacementOutput struct {
	Status int
	Body   replacementReply
}

// withdrawReplacement answers 200 when it is withdrawn, 202 while the registry decides.
func (s *server) withdrawReplacement(ctx context.Context, in *replacementPath) (*withdrawReplacementOutput, error) {
	r, err := s.Replacements.WithdrawReplacement(ctx, actorFrom(ctx), models.ID(in.ReplacementID))
	if err != nil {
		return nil, err
	}
	reply, err := s.replacementNow(ctx, r)
	if err != nil {
		return nil, err
	}
	out := &withdrawReplacementOutput{Status: http.StatusAccepted, Body: *reply}
	if r.State == card.ReplacementWithdrawn {
		out.Status = http.StatusOK
	}
	return out, nil
}
