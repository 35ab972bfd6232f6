package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// AgentSessions are the use cases of the console's door.
type AgentSessions interface {
	LogIn(ctx context.Context, in hotline.LogInInput) (hotline.LoggedIn, error)
	LogOut(ctx context.Context, by models.Actor) error
}

// consoleCookieLife is longer than any session: the session itself ends after 15 idle minutes (R56).
const consoleCookieLife = 12 * time.Hour

func (s *server) registerAgentSessions() {
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/sessions", ID: "logInAgent", Summary: "Log in with both factors at once (R56)",
		Audience: Public, Limit: LimitWrite, BodyLimit: 2 << 10, Statuses: []int{http.StatusCreated}, AcceptsPassword: true, SetsCookie: true,
		Errs: []*models.Error{hotline.ErrLogInRefused, hotline.ErrAccountLocked, hotline.ErrLogInBusy},
	}, s.logInAgent)
	register(s, op{
		Method: http.MethodDelete, Path: "/agent/v1/sessions/current", ID: "logOutAgent", Summary: "Log out; an open call is closed",
		Audience: Agent, May: hotline.AnyStaff, Limit: LimitWrite, Statuses: []int{http.StatusNoContent},
	}, s.logOutAgent)
}

type logInAgentInput struct {
	Body struct {
		Login    string `json:"login" maxLength:"64"`
		Password string `json:"password" maxLength:"256"`
		Code     string `json:"code,omitempty" maxLength:"16" doc:"Six digits of the authenticator program; without them the answer is 401"`
		Cookie   bool   `json:"cookie,omitempty" doc:"The console: the token comes as a cookie no script can read, and not in the body"`
	}
}

type staffReply struct {
	StaffID string   `json:"staff_id"`
	Login   string   `json:"login"`
	Name    string   `json:"name" doc:"Masked"`
	Roles   []string `json:"roles" nullable:"false" doc:"agent, supervisor, auditor, administrator"`
}

type logInAgentOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      struct {
		Token              string     `json:"token,omitempty" doc:"Bearer token, shown this once; absent when a cookie was asked for"`
		Staff              staffReply `json:"staff"`
		IdleTimeoutSeconds int        `json:"idle_timeout_seconds" doc:"Paused while a call is open, at most 60 minutes"`
	}
}

func (s *server) logInAgent(ctx context.Context, in *logInAgentInput) (*logInAgentOutput, error) {
	opened, err := s.AgentSessions.LogIn(ctx, hotline.LogInInput{Login: in.Body.Login, Password: in.Body.Password, Code: in.Body.Code})
	if err != nil {
		return nil, err
	}
	out := &logInAgentOutput{}
	out.Body.Staff = newStaffReply(opened.Staff)
	out.Body.IdleTimeoutSeconds = int(opened.IdleFor / time.Second)
	if in.Body.Cookie {
		out.SetCookie = []http.Cookie{s.sessionCookie(Agent, opened.Token, consoleCookieLife)}
	} else {
		out.Body.Token = opened.Token
	}
	return out, nil
}

func newStaffReply(m hotline.Staff) staffReply {
	r := staffReply{StaffID: string(m.ID), Login: m.Login, Name: m.Name.String(), Roles: []string{}}
	for _, role := range m.Roles {
		r.Roles = append(r.Roles, string(role))
	}
	return r
}

type loggedOutOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

func (s *server) logOutAgent(ctx context.Context, _ *struct{}) (*loggedOutOutput, error) {
	if err := s.AgentSessions.LogOut(ctx, actorFrom(ctx)); err != nil {
		return nil, err
	}
	return &loggedOutOutput{SetCookie: []http.Cookie{s.endedCookie(Agent)}}, nil
}
