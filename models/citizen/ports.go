package citizen

import (
	"context"
	"time"

	"onecard/models"
)

// LoginProvider turns a platform's one-time code into the account behind it. There is one per app: several official
// accounts and mini-programs stand side by side.
//
// Exchange answers ErrLoginCodeInvalid for a bad, used or old code, ErrLoginBlocked where the platform stops the user
// (WeChat 40226), ErrLoginTooOften for its own limit (45011), and models.ErrUnavailable for everything else: busy, a
// time-out, wrong credentials of ours. It repeats a token that the platform called stale at most once. No error holds
// a secret, a code or an open id.
type LoginProvider interface {
	Platform() models.Channel // wechat_mini, wechat_oa, alipay_mini, alipay_life
	AppID() string
	Exchange(ctx context.Context, code string) (PlatformIdentity, error)
}

// AuthorizePage is a LoginProvider whose user comes by a browser: the address of the platform's page that asks for
// the log-in and returns to us with our state.
type AuthorizePage interface {
	LoginProvider
	AuthorizeURL(state string) string
}

// PhoneProvider reads the phone the user chose to show us. Proof is what the client was given: WeChat's code of
// getPhoneNumber, or Alipay's {response, sign} as it came. The number only saves typing: it is never proof of who
// someone is (R52).
//
// ErrLoginCodeInvalid for a bad or used proof; models.ErrUnavailable otherwise.
type PhoneProvider interface {
	Platform() models.Channel
	AppID() string
	PhoneNumber(ctx context.Context, proof string) (models.Phone, error)
}

// FaceCheck is a platform's real-person check. Begin opens one for exactly this name and number; the client then
// shows it to the user; Result asks the platform's server, which alone is believed. Begin is tried once: the same
// RequestID sent twice is still one check. models.ErrUnavailable when the platform gives no answer.
type FaceCheck interface {
	Platform() models.Channel
	AppID() string
	Begin(ctx context.Context, r FaceRequest) (FaceTicket, error)
	Result(ctx context.Context, r FaceRequest, ref string) (FaceResult, error)
}

// FaceRequest names the check and the person it is about. RequestID is 32 lower-case hex characters, ours (WeChat's
// out_seq_no, Alipay's outer_order_no). OpenID is the account in whose app the check runs, the same at Begin and at
// Result.
type FaceRequest struct {
	RequestID string
	OpenID    string
	Name      models.Name
	IDNumber  models.IDNumber
}

// FaceTicket is what the client needs to run the check: the platform's reference (WeChat verify_id, Alipay
// certify_id), and for platforms that want one the address to open.
type FaceTicket struct {
	Ref       string // at most 256 characters
	URL       string
	ExpiresAt time.Time // zero: the platform does not say
}

// FaceResult is what the platform's server answers.
type FaceResult string

// The results. Pending means the user has not finished.
const (
	FacePassed  FaceResult = "passed"
	FaceFailed  FaceResult = "failed"
	FacePending FaceResult = "pending"
)

// Registry is the `cards` source, as far as identity needs it.
//
// MatchPerson answers ErrNoMatch when there is no such person or the name is not this number's, and
// models.ErrUnavailable when the source does not tell. It uses the binding lane of the shared budget.
type Registry interface {
	MatchPerson(ctx context.Context, name models.Name, id models.IDNumber) (PersonFact, error)
}

// SessionCopies holds copies of session rows for a minute, in Redis. Nothing depends on it: every error is taken as a
// miss and the row is read. A copy is found by handle and secret hash: {handle}:s:<hash>.
//
// Put keeps s for at most life and does nothing while the session was dropped a moment ago; Drop removes the copy and
// keeps a Put of the same session out for SessionCopyLife, so that a reader that loaded the row just before the
// revocation cannot put it back.
type SessionCopies interface {
	Get(ctx context.Context, handle, secretHash string) (Session, bool, error)
	Put(ctx context.Context, s Session, life time.Duration) error
	Drop(ctx context.Context, handle, secretHash string) error
}

// Calls is the hotline, as far as an agent acts here for a caller. MayCancelPhoneChange answers how surely the caller is
// known, to be recorded; its refusals are the hotline's: no open call of the agent's own, or a caller who was not
// verified as for a loss report. It reads only, inside the caller's transaction.
//
// MayRevokeHelper answers the same for the end of a helper's powers. MayReviewGuardians refuses who may not look at
// household books.
type Calls interface {
	MayCancelPhoneChange(ctx context.Context, by models.Actor) (strength string, err error)
	MayRevokeHelper(ctx context.Context, by models.Actor) (strength string, err error)
	MayReviewGuardians(ctx context.Context, by models.Actor) error
}

// Gate is the table of act × level × channel mode (design 4), implemented by policy.
type Gate interface {
	Allow(ctx context.Context, by models.Actor, act models.Act) error
}
