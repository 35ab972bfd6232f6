package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/citizen"
)

// Citizens are the use cases of log-in, identity and a person's own settings.
type Citizens interface {
	LogIn(ctx context.Context, in citizen.LogInInput) (citizen.LoggedIn, error)
	BeginAuthorization(ctx context.Context, platform models.Channel, app string) (citizen.AuthorizationBegun, error)
	FinishAuthorization(ctx context.Context, in citizen.FinishAuthorizationInput) (citizen.LoggedIn, error)
	ListSessions(ctx context.Context, by models.Actor) ([]citizen.Session, error)
	LogOut(ctx context.Context, by models.Actor) error
	EndSession(ctx context.Context, by models.Actor, id models.ID) error

	ShowMe(ctx context.Context, by models.Actor) (citizen.Me, error)
	RevealMe(ctx context.Context, by models.Actor) (citizen.Me, error)
	NameDevice(ctx context.Context, by models.Actor, label string) error
	ReadAccessLog(ctx context.Context, by models.Actor, before models.ID, limit int) ([]citizen.AccessEntry, error)
	ListConsents(ctx context.Context, by models.Actor) ([]citizen.ConsentState, error)
	GiveConsent(ctx context.Context, by models.Actor, purpose citizen.Purpose, version string) (citizen.Consent, error)
	WithdrawConsent(ctx context.Context, by models.Actor, purpose citizen.Purpose) error

	MakeChallenge(ctx context.Context, by models.Actor, kind citizen.ChallengeKind) (citizen.ChallengeShown, error)
	RequestBindingCode(ctx context.Context, by models.Actor, in citizen.Claim) (citizen.CodeSent, error)
	ConfirmBinding(ctx context.Context, by models.Actor, digits string) (citizen.Raised, error)
	BeginBindingCheck(ctx context.Context, by models.Actor, in citizen.Claim) (citizen.CheckTicket, error)
	BeginBorrowing(ctx context.Context, by models.Actor, in citizen.Claim, agreed map[citizen.Purpose]string) (citizen.CheckTicket, error)
	BeginCheck(ctx context.Context, by models.Actor) (citizen.CheckTicket, error)
	FinishCheck(ctx context.Context, by models.Actor, id models.ID) (citizen.Raised, error)
	RedeemSlip(ctx context.Context, by models.Actor, code, idNumber string) (citizen.Raised, error)
	Unbind(ctx context.Context, by models.Actor) error
	Bindings(ctx context.Context, by models.Actor) ([]citizen.Account, error)
	UnbindOther(ctx context.Context, by models.Actor, id models.ID) error

	RequestPhoneChange(ctx context.Context, by models.Actor, number string, answer citizen.ChallengeAnswer) (citizen.PhoneChange, citizen.CodeSent, error)
	ConfirmPhoneChange(ctx context.Context, by models.Actor, digits string) (citizen.PhoneChange, error)
	CancelPhoneChange(ctx context.Context, by models.Actor) error

	Family
}

func (s *server) registerSessions() {
	register(s, op{
		Method: http.MethodPost, Path: "/v1/sessions", ID: "logIn", Summary: "Log in from a mini-program with the platform's code",
		Audience: Public, Limit: LimitWrite, Statuses: []int{http.StatusCreated},
		Errs: []*models.Error{citizen.ErrPlatformUnknown, citizen.ErrLoginCodeInvalid, citizen.ErrLoginBlocked, citizen.ErrLoginTooOften},
	}, s.logIn)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/sessions", ID: "listSessions", Summary: "Where one is logged in",
		Audience: Citizen, Limit: LimitRead,
	}, s.listSessions)
	register(s, op{
		Method: http.MethodDelete, Path: "/v1/sessions/current", ID: "logOut", Summary: "Log out here",
		Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusNoContent},
	}, s.logOut)
	register(s, op{
		Method: http.MethodDelete, Path: "/v1/sessions/{session_id}", ID: "endSession", Summary: "Log out on another device",
		Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusNoContent},
	}, s.endSession)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/sessions/borrowed", ID: "beginBorrowing",
		Summary:  "The holder on somebody's phone (借用手机办理, R67): begin a real-person check; finishCheck opens a session of 15 minutes",
		Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusCreated}, Errs: checkErrors,
	}, s.beginBorrowing)
}

type sessionReply struct {
	SessionID string     `json:"session_id"`
	Current   bool       `json:"current"`
	Kind      string     `json:"kind" enum:"own,borrowed"`
	Platform  string     `json:"platform"`
	Bound     bool       `json:"bound" doc:"Whether the session stands for a person"`
	Level     string     `json:"level" enum:"platform,phone,real,fresh"`
	CheckedAt *time.Time `json:"checked_at,omitempty" doc:"The last real-person check in this session"`
	Device    string     `json:"device"`
	MadeAt    time.Time  `json:"made_at"`
	SeenAt    time.Time  `json:"seen_at" doc:"To ten minutes"`
	ExpiresAt time.Time  `json:"expires_at"`
}

func (s *server) newSessionReply(one citizen.Session, current models.ID) sessionReply {
	return sessionReply{
		SessionID: string(one.ID), Current: one.ID == current, Kind: string(one.Kind), Platform: string(one.Channel),
		Bound: one.PersonID != "", Level: one.Actor().LevelAt(s.Clock.Now()).String(), CheckedAt: instantOrNone(one.CheckedAt),
		Device: one.Device, MadeAt: one.MadeAt, SeenAt: one.SeenAt, ExpiresAt: one.ExpiresAt,
	}
}

// openedReply is a session with its new token. The token is absent where it travels as a cookie, which no script reads.
type openedReply struct {
	Token   string       `json:"token,omitempty" doc:"Shown once; replaces any earlier token of the session"`
	Session sessionReply `json:"session"`
}

type openedOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      openedReply
}

type logInInput struct {
	Body struct {
		Platform string `json:"platform,omitempty" maxLength:"32" doc:"wechat_mini or alipay_mini"`
		AppID    string `json:"app_id,omitempty" maxLength:"64" doc:"Needed only where the platform has several apps"`
		Code     string `json:"code,omitempty" maxLength:"512" doc:"From wx.login or my.getAuthCode"`
		Device   string `json:"device,omitempty" maxLength:"200" doc:"What the device calls itself"`
	}
}

func (s *server) logIn(ctx context.Context, in *logInInput) (*openedOutput, error) {
	opened, err := s.Citizens.LogIn(ctx, citizen.LogInInput{
		Platform: models.Channel(in.Body.Platform), AppID: in.Body.AppID, Code: in.Body.Code, Device: in.Body.Device,
	})
	if err != nil {
		return nil, err
	}
	out := &openedOutput{}
	out.Body = openedReply{Token: opened.Token.Reveal(), Session: s.newSessionReply(opened.Session, opened.Session.ID)}
	return out, nil
}

// opened hands a raised session's token back the way the old one came.
func (s *server) opened(ctx context.Context, r citizen.Raised) *openedOutput {
	out := &openedOutput{Body: openedReply{Session: s.newSessionReply(r.Session, r.Session.ID)}}
	switch {
	case r.Token == "":
	case requestFrom(ctx).cookie:
		out.SetCookie = []http.Cookie{s.sessionCookie(Citizen, r.Token.Reveal(), r.Session.ExpiresAt.Sub(s.Clock.Now()))}
	default:
		out.Body.Token = r.Token.Reveal()
	}
	return out
}

type sessionsOutput struct {
	ETag string `header:"ETag"`
	Body list[sessionReply]
}

// listSessions is one page: an account holds at most twenty sessions.
func (s *server) listSessions(ctx context.Context, _ *struct{}) (*sessionsOutput, error) {
	by := actorFrom(ctx)
	sessions, err := s.Citizens.ListSessions(ctx, by)
	if err != nil {
		return nil, err
	}
	items := make([]sessionReply, len(sessions))
	for i, one := range sessions {
		items[i] = s.newSessionReply(one, by.SessionID)
	}
	body := listOf(items, "")
	return &sessionsOutput{s.etag(body), body}, nil
}

// goneOutput is an empty answer which may take a cookie away.
type goneOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

func (s *server) gone(ctx context.Context) *goneOutput {
	if !requestFrom(ctx).cookie {
		return &goneOutput{}
	}
	return &goneOutput{SetCookie: []http.Cookie{s.endedCookie(Citizen)}}
}

func (s *server) logOut(ctx context.Context, _ *struct{}) (*goneOutput, error) {
	if err := s.Citizens.LogOut(ctx, actorFrom(ctx)); err != nil {
		return nil, err
	}
	return s.gone(ctx), nil
}

type sessionPath struct {
	SessionID string `path:"session_id" maxLength:"36"`
}

func (s *server) endSession(ctx context.Context, in *sessionPath) (*struct{}, error) {
	id, err := models.ParseID(in.SessionID)
	if err != nil {
		return nil, models.ErrNotFound
	}
	return nil, s.Citizens.EndSession(ctx, actorFrom(ctx), id)
}

type borrowInput struct {
	Body struct {
		Name          string `json:"name,omitempty" maxLength:"400"`
		IDNumber      string `json:"id_number,omitempty" maxLength:"64"`
		NoticeVersion string `json:"notice_version,omitempty" maxLength:"32" doc:"Of the privacy notice the holder has just read"`
		FaceVersion   string `json:"face_version,omitempty" maxLength:"32" doc:"Of the face text the holder has just agreed to (R53)"`
	}
}

func (s *server) beginBorrowing(ctx context.Context, in *borrowInput) (*checkOutput, error) {
	ticket, err := s.Citizens.BeginBorrowing(ctx, actorFrom(ctx), citizen.Claim{Name: in.Body.Name, IDNumber: in.Body.IDNumber},
		map[citizen.Purpose]string{citizen.PurposePrivacyNotice: in.Body.NoticeVersion, citizen.PurposeFace: in.Body.FaceVersion})
	if err != nil {
		return nil, err
	}
	return newCheckOutput(ticket), nil
}
