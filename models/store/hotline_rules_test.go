package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/hotline"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

const (
	seatPassword = "Hotline-2021-xigong"
	seatSecret   = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
)

// seat is the hotline over a real store, with one agent and citizen Wang on file.
type seat struct {
	*hotline.Service
	t     *testing.T
	db    *store.DB
	clock *models.ManualClock
}

type open struct{}

func (open) Allow(context.Context, models.Actor, models.Act) error { return nil }
func (open) BankToSay(context.Context, string, time.Time) (name, phone string, err error) {
	return "洛阳银行", "96699", nil
}

// Workday: every day is one.
func (open) Workday(context.Context, models.Date) (bool, error) { return true, nil }

func newSeat(t *testing.T, db *store.DB, clock *models.ManualClock) *seat {
	t.Helper()
	s := &seat{t: t, db: db, clock: clock, Service: hotline.New(hotline.Deps{
		Journal: db, Staff: db.Staff(), Attempts: db.StaffAttempts(), Sessions: db.StaffSessions(), Calls: db.Calls(),
		Checks: db.CallChecks(), Looks: db.CallLooks(), Flags: db.CallFlags(), Samples: db.CallSamples(), Exports: db.CallExports(), Touch: db.Contacts(), Enquiries: db.Enquiries(), People: db.Callers(), Facts: db.Callers(), Banks: open{}, Gate: open{}, Clock: clock,
		TelephoneDeps: hotline.TelephoneDeps{
			Telephone: db.Telephone(), Extensions: db.Extensions(), PhoneChecks: db.PhoneChecks(), CallBackQueue: db.CallBacks(), Streams: db.ConsoleStreams(),
			Workdays: open{},
		},
	})}
	require.NoError(t, s.EnsureStaff(t.Context(), hotline.DemoStaff{
		Login: "demo", Name: "坐席甲", Password: seatPassword, TOTPSecret: seatSecret, Roles: []string{"agent"},
	}))
	name, err := models.ParseName("王小明")
	require.NoError(t, err)
	id, err := models.ParseIDNumber("410303198001010015", clock.Now())
	require.NoError(t, err)
	phone, err := models.ParsePhone("13800001234")
	require.NoError(t, err)
	_, err = db.Persons().ApplyPersons(t.Context(), []citizen.PersonFact{{
		Ref: "p1", Name: name, IDNumber: id, Phone: phone, BirthDate: "1980-01-01", District: "410303",
		LivingStatus: citizen.Alive, Version: 1, ChangedAt: clock.Now(),
	}}, clock.Now())
	require.NoError(t, err)
	return s
}

// rings has somebody call an agent's extension, and the agent answer.
func (s *seat) rings(staff models.ID, extension, ref, number string) {
	s.t.Helper()
	require.NoError(s.t, s.db.Extensions().SetExtension(s.t.Context(), staff, extension, s.clock.Now()))
	s.sits(staff)
	s.hears(hotline.CallRinging, ref, extension, number)
	s.hears(hotline.CallAnswered, ref, extension, number)
	s.works()
}

// sits has a member of staff logged in: the telephone opens no call for anybody else.
func (s *seat) sits(staff models.ID) {
	s.t.Helper()
	sessions, now := s.db.StaffSessions(), s.clock.Now()
	if _, err := sessions.SessionOf(s.t.Context(), staff); err == nil {
		return
	}
	id := models.NewID()
	require.NoError(s.t, sessions.CreateSession(s.t.Context(), hotline.Session{
		ID: id, StaffID: staff, Handle: string(id), SecretHash: []byte("hash"), OpenedAt: now, SeenAt: now,
	}))
}

// hears takes an event of the exchange in; works works what was taken in.
func (s *seat) hears(kind hotline.EventKind, ref, extension, number string) {
	s.t.Helper()
	e, err := hotline.ParseEvent(hotline.TelephoneEvent{
		EventID: ref + string(kind) + extension, Kind: kind, CallRef: ref, Extension: extension, At: s.clock.Now(),
	}, number)
	require.NoError(s.t, err)
	require.NoError(s.t, s.TakeEvent(s.t.Context(), e))
}

func (s *seat) works() {
	s.t.Helper()
	_, err := s.WorkTelephone(s.t.Context(), 100)
	require.NoError(s.t, err)
}

func (s *seat) logIn(code string) (hotline.LoggedIn, error) {
	return s.LogIn(s.t.Context(), hotline.LogInInput{Login: "demo", Password: seatPassword, Code: code})
}

func (s *seat) code() string {
	code, err := totp.GenerateCode(seatSecret, s.clock.Now())
	require.NoError(s.t, err)
	return code
}

func eachSeat(t *testing.T, fn func(t *testing.T, s *seat)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		fn(t, newSeat(t, db, models.NewManualClock(start)))
	})
}

func TestR56_OneCodeManyRequestsOneSession(t *testing.T) {
	t.Parallel()
	eachSeat(t, func(t *testing.T, s *seat) {
		code := s.code()
		require.Equal(t, 1, winners(4, func() error { _, err := s.logIn(code); return err }))
	})
}

func TestR33_CallFromLogInToLossOnTheStore(t *testing.T) {
	t.Parallel()
	eachSeat(t, func(t *testing.T, s *seat) {
		ctx := t.Context()
		in, err := s.logIn(s.code())
		require.NoError(t, err)
		by, err := s.Authenticate(ctx, in.Token)
		require.NoError(t, err)
		s.rings(by.ID, "8001", "in-1", "13800001234")
		call, err := s.CurrentCall(ctx, by)
		require.NoError(t, err)
		by, err = s.Authenticate(ctx, in.Token)
		require.NoError(t, err)
		require.Equal(t, call.ID, by.CallID)
		v, err := s.Verify(ctx, by, call.ID, hotline.VerifyInput{Name: "王小明", IDLast6: "010015"})
		require.NoError(t, err)
		require.True(t, v.MayReportLoss())
		by, err = s.Authenticate(ctx, in.Token)
		require.NoError(t, err)
		require.Equal(t, models.LevelPhone, by.Level)
		strength, err := s.MayReportLoss(ctx, by)
		require.NoError(t, err)
		require.Equal(t, "basic_number_match", strength)
		view, err := s.PersonOf(ctx, by, call.ID)
		require.NoError(t, err)
		require.Equal(t, by.Subject, view.Person.ID)
		about, err := s.db.AuditAbout(ctx, by.Subject, start, 10)
		require.NoError(t, err)
		require.Equal(t, []string{"hotline.call.verified", "hotline.person.seen"}, []string{about[0].Action, about[1].Action})
		require.NoError(t, s.LogOut(ctx, by))
		_, err = s.Authenticate(ctx, in.Token)
		require.ErrorIs(t, err, hotline.ErrNotLoggedIn)
	})
}

func TestR58_ParallelWrongAnswersAreAllCountedOnTheStore(t *testing.T) {
	t.Parallel()
	eachSeat(t, func(t *testing.T, s *seat) {
		ctx := t.Context()
		in, err := s.logIn(s.code())
		require.NoError(t, err)
		by, err := s.Authenticate(ctx, in.Token)
		require.NoError(t, err)
		call, err := s.OpenCall(ctx, by, "")
		require.NoError(t, err)
		wrong := hotline.VerifyInput{Name: "王大明", IDNumber: "410303198001010015"}
		answered := winners(10, func() error { _, err := s.Verify(ctx, by, call.ID, wrong); return err })
		require.LessOrEqual(t, answered, 3)
		call, err = s.db.Calls().CallByID(ctx, call.ID)
		require.NoError(t, err)
		counted, err := s.db.CallChecks().Failures(ctx, hotline.FailureKey{Scope: hotline.FactID, Value: wrong.IDNumber}, models.DateOf(start))
		require.NoError(t, err)
		require.Equal(t, call.Failures, counted)
	})
}

func TestR58_FactsComeFromTheCopy(t *testing.T) {
	t.Parallel()
	eachSeat(t, func(t *testing.T, s *seat) {
		ctx := t.Context()
		p, err := s.db.Persons().PersonByRef(ctx, "p1")
		require.NoError(t, err)
		f, err := s.db.Callers().FactsOf(ctx, p.ID)
		require.NoError(t, err)
		require.Equal(t, hotline.Facts{District: "410303"}, f, "no card, no application: nothing that matches")
		_, err = s.db.Callers().FactsOf(ctx, models.NewID())
		require.ErrorIs(t, err, models.ErrNotFound)
		people, err := s.db.Callers().PeopleByNameAndLast6(ctx, p.Name, "010015")
		require.NoError(t, err)
		require.Len(t, people, 1)
		fact := p.PersonFact
		fact.LivingStatus, fact.Version = citizen.Deceased, 2
		_, err = s.db.Persons().ApplyPersons(ctx, []citizen.PersonFact{fact}, start)
		require.NoError(t, err)
		_, err = s.db.Callers().PersonByIDNumber(ctx, p.Name, p.IDNumber)
		require.ErrorIs(t, err, models.ErrNotFound, "the dead call no one")
	})
}

func TestHotlineSweepForgetsWhatNobodyNeeds(t *testing.T) {
	t.Parallel()
	eachSeat(t, func(t *testing.T, s *seat) {
		ctx := t.Context()
		_, err := s.logIn("000000")
		require.ErrorIs(t, err, hotline.ErrLogInRefused)
		in, err := s.logIn(s.code())
		require.NoError(t, err)
		key := hotline.FailureKey{Scope: "caller", Value: "13800001234"}
		_, err = s.db.CallChecks().CountFailure(ctx, key, models.DateOf(s.clock.Now()))
		require.NoError(t, err)
		left := func() (n int) {
			require.NoError(t, s.db.SQL().QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM call_failures)
				+ (SELECT COUNT(*) FROM staff_sessions) + (SELECT COUNT(*) FROM staff_attempts)`).Scan(&n))
			return n
		}
		require.NoError(t, s.Sweep(ctx))
		require.Equal(t, 2, left())
		_, err = s.Authenticate(ctx, in.Token)
		require.NoError(t, err)
		s.clock.Advance(31 * 24 * time.Hour)
		require.NoError(t, s.Sweep(ctx))
		require.Zero(t, left())
	})
}
