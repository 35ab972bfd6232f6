package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/citizen"
)

func (s *server) registerConsents() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/me/consents", ID: "listConsents", Summary: "Every text in force, and what one has agreed to (R53)",
		For: byGuardians, Audience: Citizen, Limit: LimitRead,
	}, s.listConsents)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/me/consents", ID: "giveConsent", Summary: "Acknowledge the notice, or agree to one sensitive use",
		For: byGuardians, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusCreated},
		Errs: []*models.Error{citizen.ErrPurposeUnknown, citizen.ErrConsentVersion, citizen.ErrConsentRequired, citizen.ErrConsentOwn},
	}, s.giveConsent)
	register(s, op{
		Method: http.MethodDelete, Path: "/v1/me/consents/{purpose}", ID: "withdrawConsent", Summary: "Withdraw a consent; the next use asks again",
		For: byGuardians, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusNoContent},
		Errs: []*models.Error{citizen.ErrPurposeUnknown, citizen.ErrConsentKept, citizen.ErrConsentOwn},
	}, s.withdrawConsent)
}

type consentReply struct {
	Purpose   string     `json:"purpose" enum:"privacy_notice,face,id_images,bank_data"`
	Version   string     `json:"version" doc:"Of the text in force"`
	Basis     string     `json:"basis" enum:"statutory_duty,separate_consent"`
	Sensitive bool       `json:"sensitive"`
	Title     string     `json:"title"`
	Text      string     `json:"text"`
	Given     bool       `json:"given" doc:"Whether a consent to this version stands"`
	GivenAt   *time.Time `json:"given_at,omitempty"`
	Channel   string     `json:"channel,omitempty"`
}

type consentsOutput struct {
	ETag string `header:"ETag"`
	Body list[consentReply]
}

func (s *server) listConsents(ctx context.Context, _ *struct{}) (*consentsOutput, error) {
	states, err := s.Citizens.ListConsents(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	items := make([]consentReply, len(states))
	for i, st := range states {
		items[i] = newConsentReply(st.Document, st.Given)
	}
	body := listOf(items, "")
	return &consentsOutput{s.etag(body), body}, nil
}

func newConsentReply(d citizen.Document, given citizen.Consent) consentReply {
	return consentReply{
		Purpose: string(d.Purpose), Version: d.Version, Basis: string(d.Basis), Sensitive: d.Sensitive, Title: d.Title, Text: d.Text,
		Given: given.ID != "" && given.WithdrawnAt.IsZero(), GivenAt: instantOrNone(given.GivenAt), Channel: string(given.Channel),
	}
}

type giveConsentInput struct {
	Body struct {
		Purpose string `json:"purpose,omitempty" maxLength:"32"`
		Version string `json:"version,omitempty" maxLength:"32" doc:"Of the text that was shown"`
	}
}

type consentOutput struct {
	Body consentReply
}

func (s *server) giveConsent(ctx context.Context, in *giveConsentInput) (*consentOutput, error) {
	given, err := s.Citizens.GiveConsent(ctx, actorFrom(ctx), citizen.Purpose(in.Body.Purpose), in.Body.Version)
	if err != nil {
		return nil, err
	}
	doc, _ := citizen.DocumentFor(given.Purpose)
	return &consentOutput{Body: newConsentReply(doc, given)}, nil
}

type purposePath struct {
	Purpose string `path:"purpose" maxLength:"32"`
}

func (s *server) withdrawConsent(ctx context.Context, in *purposePath) (*struct{}, error) {
	return nil, s.Citizens.WithdrawConsent(ctx, actorFrom(ctx), citizen.Purpose(in.Purpose))
}
