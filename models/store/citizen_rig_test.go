package store_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

// citizenRig is the citizen capability on a real store, with everything outside replaced by hand.
type citizenRig struct {
	*citizen.Service
	db       *store.DB
	clock    *models.ManualClock
	registry *fakeRegistry
	face     *fakeFace
	sms      *sentCodes
	budget   int
	free     int      // codes of a session before a challenge
	pictures []string // what was done with pages of household books
}

// eachCitizen runs fn on every database.
func eachCitizen(t *testing.T, fn func(t *testing.T, r *citizenRig)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { fn(t, newCitizenRig(t, db)) })
}

func newCitizenRig(t *testing.T, db *store.DB) *citizenRig {
	t.Helper()
	r := &citizenRig{
		db: db, clock: models.NewManualClock(start), registry: newFakeRegistry(t), face: &fakeFace{app: "wx-mini"},
		sms: &sentCodes{}, budget: 1000, free: 1000,
	}
	r.Service = citizen.New(citizen.Ports{
		Decisions: spy{db, r.sms}, Accounts: db.PlatformAccounts(), Sessions: db.Sessions(), Authorizations: db.Authorizations(),
		Persons: db.Persons(), Codes: db.Codes(), Challenges: db.Challenges(), Tries: db.Lockouts(), Consents: db.Consents(), Checks: db.IdentityChecks(),
		Slips: db.Slips(), PhoneChanges: db.PhoneChanges(), AccessLog: db.AccessLog(), Relations: db.Relations(), Pictures: r,
		Registry: r.registry, Gate: tableGate{r.clock}, Policy: r, Faces: []citizen.FaceCheck{r.face},
		Logins: []citizen.LoginProvider{
			fakeLogin{models.WechatMini, "wx-mini"}, fakeLogin{models.AlipayMini, "ali-mini"}, fakePage{fakeLogin{models.WechatOA, "wx-oa"}},
		},
		Clock: r.clock,
	}, citizen.Settings{})
	return r
}

func (r *citizenRig) HelpersMost(context.Context, time.Time) (int, error)   { return 5, nil }
func (r *citizenRig) HelpersMonths(context.Context, time.Time) (int, error) { return 12, nil }

// Pictures of household books are those of a test that has some.
func (r *citizenRig) UsePicture(_ context.Context, _ models.ID, purpose string, id, relation models.ID) error {
	r.pictures = append(r.pictures, purpose+":"+string(id)+":"+string(relation))
	return nil
}
func (r *citizenRig) Picture(context.Context, models.ID) ([]byte, error) { return []byte("page"), nil }
func (r *citizenRig) DropPicture(_ context.Context, id, relation models.ID) error {
	r.pictures = append(r.pictures, "drop:"+string(id)+":"+string(relation))
	return nil
}

func (r *citizenRig) CodesPerDay(context.Context, time.Time) (int, error) { return r.budget, nil }
func (r *citizenRig) CodesBeforeChallenge(context.Context, time.Time) (int, error) {
	return r.free, nil
}

// spy is the store, with an eye on the codes that leave.
type spy struct {
	*store.DB
	sms *sentCodes
}

func (s spy) AddNotice(ctx context.Context, d notice.Draft) error {
	s.sms.note(d)
	return s.DB.AddNotice(ctx, d)
}

type sentCodes struct {
	mu     sync.Mutex
	drafts []notice.Draft
}

func (s *sentCodes) note(d notice.Draft) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drafts = append(s.drafts, d)
}

func (s *sentCodes) last(kind notice.Kind) (d notice.Draft) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.drafts {
		if one.Kind == kind {
			d = one
		}
	}
	return d
}

func (s *sentCodes) code(kind notice.Kind) string {
	d := s.last(kind)
	return d.Secret.Reveal()
}

// tableGate is the default table of acts and levels.
type tableGate struct{ clock models.Clock }

func (g tableGate) Allow(_ context.Context, by models.Actor, act models.Act) error {
	for _, a := range models.Acts {
		if a.Act == act && by.LevelAt(g.clock.Now()) < a.Default {
			return models.NewError(models.Forbidden, "RECHECK_REQUIRED", "请重新核验或拨打12333。")
		}
	}
	return nil
}

func (g tableGate) AllowTakeBack(ctx context.Context, by models.Actor, act models.Act) error {
	return g.Allow(ctx, by, act)
}

// fakeRegistry knows a few people.
type fakeRegistry struct {
	mu    sync.Mutex
	facts map[string]citizen.PersonFact // by ID number
	asked int
	down  bool
}

func newFakeRegistry(t *testing.T) *fakeRegistry {
	return &fakeRegistry{facts: map[string]citizen.PersonFact{
		wangID: fact(t, "P-1", "王建国", wangID, wangPhone), liID: fact(t, "P-2", "李雪梅", liID, "13900000002"),
		childID: fact(t, "P-3", "王小宝", childID, "13900000003"),
	}}
}

const (
	wangID    = "410303198001010015"
	liID      = "41030319800101004X"
	childID   = "410327201006150039"
	wangPhone = "13800000001"
)

func fact(t *testing.T, ref, name, id, phone string) citizen.PersonFact {
	t.Helper()
	n, err := models.ParseName(name)
	require.NoError(t, err)
	number, err := models.ParseIDNumber(id, start)
	require.NoError(t, err)
	p, err := models.ParsePhone(phone)
	require.NoError(t, err)
	return citizen.PersonFact{
		Ref: models.PersonRef(ref), Name: n, IDNumber: number, Phone: p, BirthDate: number.Birth(), District: "410303",
		LivingStatus: citizen.Alive, Version: 1, ChangedAt: start.Add(-time.Hour),
	}
}

func (f *fakeRegistry) MatchPerson(_ context.Context, name models.Name, id models.IDNumber) (citizen.PersonFact, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	if f.down {
		return citizen.PersonFact{}, models.ErrUnavailable
	}
	if p, ok := f.facts[id.Reveal()]; ok && p.Name == name {
		return p, nil
	}
	return citizen.PersonFact{}, citizen.ErrNoMatch
}

// fakeLogin takes "code-<open id>" for a code.
type fakeLogin struct {
	platform models.Channel
	app      string
}

func (f fakeLogin) Platform() models.Channel { return f.platform }
func (f fakeLogin) AppID() string            { return f.app }
func (f fakeLogin) Exchange(_ context.Context, code string) (citizen.PlatformIdentity, error) {
	id, ok := strings.CutPrefix(code, "code-")
	if !ok {
		return citizen.PlatformIdentity{}, citizen.ErrLoginCodeInvalid
	}
	return citizen.PlatformIdentity{OpenID: id}, nil
}

type fakePage struct{ fakeLogin }

func (f fakePage) AuthorizeURL(state string) string {
	return "https://platform.test/authorize?state=" + state
}

// fakeFace answers what the test says.
type fakeFace struct {
	mu     sync.Mutex
	app    string
	result citizen.FaceResult
	begun  []citizen.FaceRequest
	asked  []citizen.FaceRequest
}

func (f *fakeFace) Platform() models.Channel { return models.WechatMini }
func (f *fakeFace) AppID() string            { return f.app }
func (f *fakeFace) Begin(_ context.Context, r citizen.FaceRequest) (citizen.FaceTicket, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.begun = append(f.begun, r)
	return citizen.FaceTicket{Ref: "verify-" + r.RequestID}, nil
}

func (f *fakeFace) Result(_ context.Context, r citizen.FaceRequest, ref string) (citizen.FaceResult, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, r)
	if ref != "verify-"+r.RequestID {
		return "", errors.New("another check")
	}
	return f.result, nil
}

// logIn opens a session of an account on WeChat's mini-program.
func (r *citizenRig) logIn(t *testing.T, openID string) (models.Actor, citizen.LoggedIn) {
	t.Helper()
	in, err := r.LogIn(t.Context(), citizen.LogInInput{Platform: models.WechatMini, Code: "code-" + openID, Device: "test"})
	require.NoError(t, err)
	return r.actor(t, in.Token), in
}

func (r *citizenRig) actor(t *testing.T, token citizen.Token) models.Actor {
	t.Helper()
	by, err := r.Authenticate(t.Context(), token.Reveal())
	require.NoError(t, err)
	return by
}

func (r *citizenRig) consent(t *testing.T, by models.Actor, purposes ...citizen.Purpose) {
	t.Helper()
	for _, p := range purposes {
		doc, _ := citizen.DocumentFor(p)
		_, err := r.GiveConsent(t.Context(), by, p, doc.Version)
		require.NoError(t, err)
	}
}

func wang() citizen.Claim {
	return citizen.Claim{Name: "王建国", IDNumber: wangID, Phone: wangPhone}
}

// readyToBind is a logged-in account with the notice acknowledged and the face consent given.
func (r *citizenRig) readyToBind(t *testing.T, openID string) models.Actor {
	t.Helper()
	by, _ := r.logIn(t, openID)
	r.consent(t, by, citizen.PurposePrivacyNotice, citizen.PurposeFace)
	return by
}

// bound is an account bound by a code (level phone).
func (r *citizenRig) bound(t *testing.T, openID string, who citizen.Claim) models.Actor {
	t.Helper()
	by := r.readyToBind(t, openID)
	_, err := r.RequestBindingCode(t.Context(), by, who)
	require.NoError(t, err)
	raised, err := r.ConfirmBinding(t.Context(), by, r.sms.code(notice.Code))
	require.NoError(t, err)
	return r.actor(t, raised.Token)
}

// fresh is a bound account that just passed a check.
func (r *citizenRig) fresh(t *testing.T, openID string, who citizen.Claim) models.Actor {
	t.Helper()
	by := r.bound(t, openID, who)
	ticket, err := r.BeginCheck(t.Context(), by)
	require.NoError(t, err)
	r.face.result = citizen.FacePassed
	raised, err := r.FinishCheck(t.Context(), by, ticket.CheckID)
	require.NoError(t, err)
	return r.actor(t, raised.Token)
}

// atOnce runs n callers at once and answers their errors.
func atOnce(n int, call func(i int) error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = call(i) })
	}
	wg.Wait()
	return errs
}

func countWins(errs []error) (n int, others []error) {
	for _, err := range errs {
		if err == nil {
			n++
		} else {
			others = append(others, err)
		}
	}
	return n, others
}

// scanAll writes every cell of every row down as text.
func scanAll(t *testing.T, rows *sql.Rows) string {
	t.Helper()
	columns, err := rows.Columns()
	require.NoError(t, err)
	var all strings.Builder
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(sql.RawBytes)
		}
		require.NoError(t, rows.Scan(cells...))
		for _, c := range cells {
			all.Write(*c.(*sql.RawBytes))
			all.WriteByte(' ')
		}
	}
	require.NoError(t, rows.Err())
	return all.String()
}
