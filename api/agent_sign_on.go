package api

import (
	"context"
	"net/http"

	"onecard/models"
	"onecard/models/hotline"
)

func (s *server) registerAgentSignOn() {
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/sign-ons", ID: "beginSignOn", Summary: "Begin a log-in by the bureau's single sign-on: the address of its page",
		Audience: Public, Limit: LimitWrite, Statuses: []int{http.StatusCreated}, SetsCookie: true,
		Errs: []*models.Error{hotline.ErrSignOnOff},
	}, s.beginSignOn)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/sign-ons/completion", ID: "finishSignOn",
		Summary:  "What its page sent back, from the browser that went there; opens the session of the account linked to the subject",
		Audience: Public, Limit: LimitWrite, Statuses: []int{http.StatusCreated}, SetsCookie: true,
		Errs: []*models.Error{models.ErrConflict, hotline.ErrSignOnOff, hotline.ErrSignOnInvalid, hotline.ErrSignOnRefused, hotline.ErrSignOnOneFact, hotline.ErrSignOnNotKnown},
	}, s.finishSignOn)
}

type beginSignOnOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      struct {
		URL string `json:"url" doc:"Send the browser here; it comes back to the console with code and state, for ten minutes"`
	}
}

func (s *server) beginSignOn(ctx context.Context, _ *struct{}) (*beginSignOnOutput, error) {
	begun, err := s.AgentSessions.BeginSignOn(ctx)
	if err != nil {
		return nil, err
	}
	out := &beginSignOnOutput{SetCookie: []http.Cookie{s.signOnCookie(begun.Cookie, hotline.SignOnLife)}}
	out.Body.URL = begun.URL
	return out, nil
}

type finishSignOnInput struct {
	Kept     string `cookie:"oc-console-pre" maxLength:"128" doc:"In dev"`
	KeptHost string `cookie:"__Host-oc-console-pre" maxLength:"128" doc:"Set by beginSignOn"`
	Body     struct {
		Code   string `json:"code" maxLength:"2048"`
		State  string `json:"state" maxLength:"256"`
		Cookie bool   `json:"cookie,omitempty" doc:"As in logInAgent"`
	}
}

// finishSignOn takes the pre-login cookie away when it has opened a session; a refused try may be made again by whoever
// still has a code for it, and the sign-on gives each code once.
func (s *server) finishSignOn(ctx context.Context, in *finishSignOnInput) (*logInAgentOutput, error) {
	kept := in.Kept
	if s.Production {
		kept = in.KeptHost
	}
	opened, err := s.AgentSessions.FinishSignOn(ctx, kept, in.Body.State, in.Body.Code)
	if err != nil {
		return nil, err
	}
	out := &logInAgentOutput{}
	out.Body, out.SetCookie = s.openedSession(opened, in.Body.Cookie)
	out.SetCookie = append(out.SetCookie, s.signOnCookie("", 0))
	return out, nil
}
