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
	CurrentSession(ctx context.Context, by models.Actor) (hotline.SessionView, error)
	BeginSignOn(ctx context.Context) (hotline.SignOnBegun, error)
	FinishSignOn(ctx context.Context, cookie, state, code string) (hotline.LoggedIn, error)
	BeginEnrolment(ctx context.Context, login, password string) (hotline.Enrolling, error)
	Enrol(ctx context.Context, in hotline.EnrolInput) (hotline.Enrolled, error)
	ChangePassword(ctx context.Context, by models.Actor, password, code, chosen string) error
	RenewRecoveryCodes(ctx context.Context, by models.Actor, password, code string) ([]string, error)
}

// consoleCookieLife is longer than any session: the session itself ends after 15 idle minutes (R56).
const consoleCookieLife = 12 * time.Hour

// provingBoth are the refusals wherever both factors are asked for; they count together (R56).
var provingBoth = []*models.Error{hotline.ErrLogInRefused, hotline.ErrAccountLocked, hotline.ErrLogInBusy}

// choosingPassword are those where a new password is chosen as well.
var choosingPassword = append([]*models.Error{hotline.ErrPasswordWeak, hotline.ErrPasswordCommon, hotline.ErrPasswordUsed}, provingBoth...)

func (s *server) registerAgentSessions() {
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/sessions", ID: "logInAgent", Summary: "Log in with both factors at once (R56)",
		Audience: Public, Limit: LimitWrite, BodyLimit: 2 << 10, Statuses: []int{http.StatusCreated}, AcceptsPassword: true, SetsCookie: true,
		Errs: append([]*models.Error{hotline.ErrEnrolmentRequired, hotline.ErrPasswordExpired}, choosingPassword...),
	}, s.logInAgent)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/sessions/current", ID: "currentAgentSession",
		Summary:  "Who one is, what one's roles open, and when the session ends; asking counts as a use of it",
		Audience: Agent, May: hotline.AnyStaff, Limit: LimitRead,
	}, s.currentAgentSession)
	register(s, op{
		Method: http.MethodDelete, Path: "/agent/v1/sessions/current", ID: "logOutAgent", Summary: "Log out; an open call is closed",
		Audience: Agent, May: hotline.AnyStaff, Limit: LimitWrite, Statuses: []int{http.StatusNoContent},
	}, s.logOutAgent)
}

type logInAgentInput struct {
	Body struct {
		Login       string `json:"login" maxLength:"64"`
		Password    string `json:"password" maxLength:"256"`
		Code        string `json:"code,omitempty" maxLength:"32" doc:"Six digits of the authenticator program, or a recovery code; without one the answer is 401"`
		NewPassword string `json:"new_password,omitempty" maxLength:"256" doc:"After PASSWORD_EXPIRED: the password from now on, with the same code"`
		Cookie      bool   `json:"cookie,omitempty" doc:"The console: the token comes as a cookie no script can read, and not in the body"`
	}
}

type staffReply struct {
	StaffID string   `json:"staff_id"`
	Login   string   `json:"login"`
	Name    string   `json:"name" doc:"Masked"`
	Roles   []string `json:"roles" nullable:"false" doc:"agent, supervisor, reviewer, policy_manager, knowledge_editor, liaison, auditor, administrator"`
}

type loggedInReply struct {
	Token              string     `json:"token,omitempty" doc:"Bearer token, shown this once; absent when a cookie was asked for"`
	Staff              staffReply `json:"staff"`
	IdleTimeoutSeconds int        `json:"idle_timeout_seconds" doc:"Paused while a call is open, at most 60 minutes"`
	RecoveryCodesLeft  *int       `json:"recovery_codes_left,omitempty" doc:"After a log-in with a recovery code: say it, and offer new ones"`
}

type logInAgentOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      loggedInReply
}

func (s *server) logInAgent(ctx context.Context, in *logInAgentInput) (*logInAgentOutput, error) {
	opened, err := s.AgentSessions.LogIn(ctx, hotline.LogInInput{
		Login: in.Body.Login, Password: in.Body.Password, Code: in.Body.Code, NewPassword: in.Body.NewPassword,
	})
	if err != nil {
		return nil, err
	}
	out := &logInAgentOutput{}
	out.Body, out.SetCookie = s.openedSession(opened, in.Body.Cookie)
	return out, nil
}

// openedSession hands a new token over once, as a cookie or in the body.
func (s *server) openedSession(opened hotline.LoggedIn, cookie bool) (loggedInReply, []http.Cookie) {
	r := loggedInReply{Staff: newStaffReply(opened.Staff), IdleTimeoutSeconds: int(opened.IdleFor / time.Second)}
	if opened.RecoveryUsed {
		r.RecoveryCodesLeft = &opened.RecoveryCodes
	}
	if cookie {
		return r, []http.Cookie{s.sessionCookie(Agent, opened.Token, consoleCookieLife)}
	}
	r.Token = opened.Token
	return r, nil
}

type currentAgentSessionOutput struct {
	Body struct {
		Staff             staffReply `json:"staff"`
		Permissions       []string   `json:"permissions" nullable:"false" doc:"What the roles open together, as in x-permission"`
		District          string     `json:"district,omitempty"`
		Department        string     `json:"department,omitempty"`
		OpenedAt          time.Time  `json:"opened_at"`
		IdleEndsAt        time.Time  `json:"idle_ends_at" doc:"Unless used before; counts 60 minutes instead of 15 while a call is open"`
		EndsAt            time.Time  `json:"ends_at" doc:"At the latest: a shift"`
		CallID            string     `json:"call_id,omitempty" doc:"The call one has open"`
		RecoveryCodesLeft int        `json:"recovery_codes_left"`
		PasswordEndsAt    *time.Time `json:"password_ends_at,omitempty" doc:"From then on the log-in asks for another password"`
	}
}

func (s *server) currentAgentSession(ctx context.Context, _ *struct{}) (*currentAgentSessionOutput, error) {
	v, err := s.AgentSessions.CurrentSession(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	out := &currentAgentSessionOutput{}
	b := &out.Body
	b.Staff, b.District, b.Department = newStaffReply(v.Staff), v.Staff.District, v.Staff.Department
	b.OpenedAt, b.IdleEndsAt, b.EndsAt, b.CallID = v.OpenedAt, v.IdleEndsAt, v.EndsAt, string(v.CallID)
	b.RecoveryCodesLeft, b.PasswordEndsAt, b.Permissions = v.RecoveryCodes, instantOrNone(v.PasswordEnds), []string{}
	for _, p := range v.Staff.Permissions() {
		b.Permissions = append(b.Permissions, string(p))
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
