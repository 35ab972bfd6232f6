package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

func (s *server) registerAgentEnrolments() {
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/enrolments", ID: "beginEnrolment",
		Summary:  "A newcomer's second factor, for the one-time password of the administrator; opens nothing else (R56)",
		Audience: Public, Limit: LimitWrite, BodyLimit: 2 << 10, Statuses: []int{http.StatusCreated}, AcceptsPassword: true,
		Errs: append([]*models.Error{models.ErrConflict}, provingBoth...),
	}, s.beginEnrolment)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/enrolments/confirmation", ID: "confirmEnrolment",
		Summary:  "Confirm it with a code and choose a password; answers the first session and ten recovery codes, shown this once",
		Audience: Public, Limit: LimitWrite, BodyLimit: 2 << 10, Statuses: []int{http.StatusCreated}, AcceptsPassword: true, SetsCookie: true,
		Errs: choosingPassword,
	}, s.confirmEnrolment)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/sessions/current/password", ID: "changeOwnPassword", Summary: "Change one's password, with both factors",
		Audience: Agent, May: hotline.AnyStaff, Limit: LimitWrite, BodyLimit: 2 << 10, Statuses: []int{http.StatusNoContent}, AcceptsPassword: true,
		Errs: choosingPassword,
	}, s.changeOwnPassword)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/sessions/current/recovery-codes", ID: "renewRecoveryCodes",
		Summary:  "Ten new recovery codes, with both factors; the old ones are void. A repeat is refused: its code is spent",
		Audience: Agent, May: hotline.AnyStaff, Limit: LimitWrite, BodyLimit: 2 << 10, Statuses: []int{http.StatusCreated}, AcceptsPassword: true,
		Errs: provingBoth,
	}, s.renewRecoveryCodes)
}

type beginEnrolmentInput struct {
	Body struct {
		Login    string `json:"login" maxLength:"64"`
		Password string `json:"password" maxLength:"256" doc:"The one-time password"`
	}
}

type beginEnrolmentOutput struct {
	Body struct {
		Login  string    `json:"login"`
		Secret string    `json:"secret" doc:"For typing into an authenticator program: base32, SHA-1, six digits, 30 seconds"`
		URI    string    `json:"otpauth_uri" doc:"For scanning, as a QR code drawn by the console itself"`
		Until  time.Time `json:"until" doc:"When the one-time password ends"`
	}
}

func (s *server) beginEnrolment(ctx context.Context, in *beginEnrolmentInput) (*beginEnrolmentOutput, error) {
	e, err := s.AgentSessions.BeginEnrolment(ctx, in.Body.Login, in.Body.Password)
	if err != nil {
		return nil, err
	}
	out := &beginEnrolmentOutput{}
	out.Body.Login, out.Body.Secret, out.Body.URI, out.Body.Until = e.Login, e.Secret, e.URI, e.Until
	return out, nil
}

type confirmEnrolmentInput struct {
	Body struct {
		Login       string `json:"login" maxLength:"64"`
		Password    string `json:"password" maxLength:"256" doc:"The one-time password"`
		NewPassword string `json:"new_password" maxLength:"256" doc:"At least 10 characters of three classes, none of a common word, without the login"`
		Code        string `json:"code" maxLength:"16" doc:"Six digits of the authenticator program"`
		Cookie      bool   `json:"cookie,omitempty" doc:"As in logInAgent"`
	}
}

type confirmEnrolmentOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      struct {
		Session       loggedInReply `json:"session"`
		RecoveryCodes []string      `json:"recovery_codes" nullable:"false" doc:"Each stands for a code once; kept nowhere in clear"`
	}
}

func (s *server) confirmEnrolment(ctx context.Context, in *confirmEnrolmentInput) (*confirmEnrolmentOutput, error) {
	e, err := s.AgentSessions.Enrol(ctx, hotline.EnrolInput{
		Login: in.Body.Login, Password: in.Body.Password, NewPassword: in.Body.NewPassword, Code: in.Body.Code,
	})
	if err != nil {
		return nil, err
	}
	out := &confirmEnrolmentOutput{}
	out.Body.Session, out.SetCookie = s.openedSession(e.LoggedIn, in.Body.Cookie)
	out.Body.RecoveryCodes = e.RecoveryCodes
	return out, nil
}

type changeOwnPasswordInput struct {
	Body struct {
		Password    string `json:"password" maxLength:"256"`
		Code        string `json:"code" maxLength:"32" doc:"Of the authenticator program, or a recovery code"`
		NewPassword string `json:"new_password" maxLength:"256"`
	}
}

func (s *server) changeOwnPassword(ctx context.Context, in *changeOwnPasswordInput) (*struct{}, error) {
	return nil, s.AgentSessions.ChangePassword(ctx, actorFrom(ctx), in.Body.Password, in.Body.Code, in.Body.NewPassword)
}

type renewRecoveryCodesInput struct {
	Body struct {
		Password string `json:"password" maxLength:"256"`
		Code     string `json:"code" maxLength:"32" doc:"Of the authenticator program, or a recovery code"`
	}
}

type renewRecoveryCodesOutput struct {
	Body struct {
		RecoveryCodes []string `json:"recovery_codes" nullable:"false"`
	}
}

func (s *server) renewRecoveryCodes(ctx context.Context, in *renewRecoveryCodesInput) (*renewRecoveryCodesOutput, error) {
	codes, err := s.AgentSessions.RenewRecoveryCodes(ctx, actorFrom(ctx), in.Body.Password, in.Body.Code)
	if err != nil {
		return nil, err
	}
	out := &renewRecoveryCodesOutput{}
	out.Body.RecoveryCodes = codes
	return out, nil
}
