package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/notice"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

func staffMember(t *testing.T, login string, roles ...hotline.Role) hotline.Staff {
	t.Helper()
	name, err := models.ParseName("坐席甲")
	require.NoError(t, err)
	return hotline.Staff{
		ID: models.NewID(), Login: login, Name: name, Roles: roles, PasswordHash: "$argon2id$x", TOTPSecret: "JBSWY3DPEHPK3PXP",
		District: "410303", CreatedAt: start, Version: 1,
	}
}

func agentOnFile(t *testing.T, db *store.DB, login string) hotline.Staff {
	t.Helper()
	s := staffMember(t, login, hotline.RoleAgent)
	require.NoError(t, db.Staff().CreateStaff(t.Context(), s))
	return s
}

func openCall(staff models.ID) hotline.Call {
	return hotline.Call{
		ID: models.NewID(), StaffID: staff, Source: "by_hand", AskedFact: hotline.FactBank, Level: hotline.LevelNone,
		Strength: hotline.StrengthNone, OpenedAt: start, UsedAt: start, Version: 1,
	}
}

// winners runs fn n times at once and counts those without an error.
func winners(n int, fn func() error) (won int) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			if fn() == nil {
				mu.Lock()
				won++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return won
}

func TestStaffKeepsAccountsSealed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		s := staffMember(t, "zuoxi1", hotline.RoleAgent, hotline.RoleSupervisor)
		require.NoError(t, db.Staff().CreateStaff(ctx, s))
		got, err := db.Staff().StaffByLogin(ctx, "zuoxi1")
		require.NoError(t, err)
		require.Equal(t, s, got)
		var cell []byte
		require.NoError(t, db.SQL().QueryRowContext(ctx, "SELECT totp_secret_sealed FROM staff").Scan(&cell))
		require.NotContains(t, string(cell), s.TOTPSecret)
		require.ErrorIs(t, db.Staff().CreateStaff(ctx, staffMember(t, "zuoxi1", hotline.RoleAgent)), hotline.ErrLoginTaken)
		require.ErrorIs(t, db.Staff().CreateStaff(ctx, staffMember(t, "both", hotline.RoleAuditor, hotline.RoleAdministrator)), hotline.ErrRolesClash)
		_, err = db.Staff().StaffByLogin(ctx, "both")
		require.ErrorIs(t, err, models.ErrNotFound)

		listed, err := db.Staff().ListStaff(ctx)
		require.NoError(t, err)
		require.Len(t, listed, 1)
		require.Empty(t, listed[0].TOTPSecret+listed[0].PasswordHash)

		got.DisabledAt = start.Add(time.Hour)
		require.NoError(t, db.Staff().UpdateStaff(ctx, got))
		require.ErrorIs(t, db.Staff().UpdateStaff(ctx, got), models.ErrConflict, "the version has moved")
		got, err = db.Staff().StaffByID(ctx, s.ID)
		require.NoError(t, err)
		require.Equal(t, start.Add(time.Hour), got.DisabledAt)
		require.ErrorIs(t, db.Staff().UseStep(ctx, s.ID, 9), models.ErrConflict, "disabled")
	})
}

func TestR56_StepIsUsedOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := agentOnFile(t, db, "zuoxi1")
		require.Equal(t, 1, winners(8, func() error { return db.Staff().UseStep(t.Context(), s.ID, 54_000_000) }))
		require.ErrorIs(t, db.Staff().UseStep(t.Context(), s.ID, 53_999_999), models.ErrConflict)
		require.NoError(t, db.Staff().UseStep(t.Context(), s.ID, 54_000_001))
	})
}

func TestR56_AttemptsAreCountedPerWindow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		count := func(login string, after time.Duration) hotline.Attempts {
			a, err := db.StaffAttempts().CountAttempt(ctx, login, start.Add(after), 30*time.Minute, 5)
			require.NoError(t, err)
			return a
		}
		for n := 1; n <= 5; n++ {
			require.Equal(t, n, count("zuoxi1", time.Duration(n)*time.Minute).N)
		}
		for range 3 { // the end of the lock does not move
			a := count("zuoxi1", 34*time.Minute)
			require.Equal(t, 6, a.N)
			require.Equal(t, start.Add(5*time.Minute), a.Last)
		}
		require.Equal(t, 1, count("zuoxi2", 0).N)
		require.Equal(t, 1, count("zuoxi1", 35*time.Minute).N)
		require.NoError(t, db.StaffAttempts().ForgetAttempts(ctx, "zuoxi1"))
		require.Equal(t, 1, count("zuoxi1", 36*time.Minute).N)
		require.NoError(t, db.StaffAttempts().DropAttemptsBefore(ctx, start.Add(time.Hour)))
		var left int
		require.NoError(t, db.SQL().QueryRowContext(ctx, "SELECT COUNT(*) FROM staff_attempts").Scan(&left))
		require.Zero(t, left)
	})
}

func TestR56_ParallelAttemptsAreAllCounted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var mu sync.Mutex
		within := 0
		require.Equal(t, 12, winners(12, func() error {
			a, err := db.StaffAttempts().CountAttempt(t.Context(), "zuoxi1", start, 30*time.Minute, 5)
			mu.Lock()
			defer mu.Unlock()
			if a.N <= 5 {
				within++
			}
			return err
		}))
		require.Equal(t, 5, within)
	})
}

func TestStaffHasOneLiveSession(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, s := t.Context(), agentOnFile(t, db, "zuoxi1")
		fresh := func(handle string) hotline.Session {
			return hotline.Session{ID: models.NewID(), StaffID: s.ID, Handle: handle, SecretHash: []byte{1}, OpenedAt: start, SeenAt: start}
		}
		one := fresh("h1")
		require.NoError(t, db.StaffSessions().CreateSession(ctx, one))
		require.ErrorIs(t, db.StaffSessions().CreateSession(ctx, fresh("h2")), models.ErrConflict)
		require.NoError(t, db.StaffSessions().TouchSession(ctx, one.ID, start.Add(time.Minute)))
		require.NoError(t, db.StaffSessions().TouchSession(ctx, one.ID, start)) // never back
		got, err := db.StaffSessions().Admission(ctx, "h1")
		require.NoError(t, err)
		require.Equal(t, start.Add(time.Minute), got.Session.SeenAt)
		n, err := db.StaffSessions().EndSessionsOf(ctx, s.ID, start.Add(time.Hour), "idle")
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
		got, err = db.StaffSessions().Admission(ctx, "h1")
		require.NoError(t, err)
		require.Equal(t, "idle", got.Session.EndReason)
		require.NoError(t, db.StaffSessions().CreateSession(ctx, fresh("h3")))
		_, err = db.StaffSessions().Admission(ctx, "h9")
		require.ErrorIs(t, err, models.ErrNotFound)
	})
}

func TestCallsKeepOneOpenPerAgent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, s := t.Context(), agentOnFile(t, db, "zuoxi1")
		require.Equal(t, 1, winners(6, func() error { return db.Calls().CreateCall(ctx, openCall(s.ID)) }))
		require.ErrorIs(t, db.Calls().CreateCall(ctx, openCall(s.ID)), hotline.ErrCallOpen)
		c, err := db.Calls().OpenCallOf(ctx, s.ID)
		require.NoError(t, err)
		c.PersonID, c.Level, c.Strength, c.FullID = models.NewID(), hotline.LevelBasic, hotline.StrengthNumberMatch, true
		c.CallBackAt, c.Failures = start.Add(time.Minute), 2
		require.Equal(t, 1, winners(6, func() error { return db.Calls().UpdateCall(ctx, c) }), "one writer wins")
		got, err := db.Calls().CallByID(ctx, c.ID)
		require.NoError(t, err)
		c.Version++
		require.Equal(t, c, got)
		got.ClosedAt, got.CloseReason = start.Add(time.Hour), "done"
		require.NoError(t, db.Calls().UpdateCall(ctx, got))
		got.Version++
		require.ErrorIs(t, db.Calls().UpdateCall(ctx, got), models.ErrConflict, "a closed call stays as it was")
		require.NoError(t, db.Calls().CreateCall(ctx, openCall(s.ID)))
	})
}

func TestCallsSealTheCallersNumber(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, s := t.Context(), agentOnFile(t, db, "zuoxi1")
		c := openCall(s.ID)
		var err error
		c.Caller, err = hotline.ParseCallerNumber("13800001234")
		require.NoError(t, err)
		require.NoError(t, db.Calls().CreateCall(ctx, c))
		got, err := db.Calls().CallByID(ctx, c.ID)
		require.NoError(t, err)
		require.Equal(t, c, got)
		var cell []byte
		require.NoError(t, db.SQL().QueryRowContext(ctx, "SELECT caller_sealed FROM calls").Scan(&cell))
		require.NotContains(t, string(cell), "1380000")
	})
}

func TestR58_FailuresCountPerKeyAndDay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, checks := t.Context(), db.CallChecks()
		key := hotline.FailureKey{Scope: hotline.FactID, Value: "410303198001010015"}
		require.Equal(t, 10, winners(10, func() error { _, err := checks.CountFailure(ctx, key, "2021-12-20"); return err }))
		n, err := checks.Failures(ctx, key, "2021-12-20")
		require.NoError(t, err)
		require.Equal(t, 10, n)
		for _, other := range []struct {
			key hotline.FailureKey
			day models.Date
		}{{key, "2021-12-21"}, {hotline.FailureKey{Scope: "caller", Value: key.Value}, "2021-12-20"}} {
			n, err = checks.Failures(ctx, other.key, other.day)
			require.NoError(t, err)
			require.Zero(t, n)
		}
		var cell []byte
		require.NoError(t, db.SQL().QueryRowContext(ctx, "SELECT key_index FROM call_failures").Scan(&cell))
		require.NotContains(t, string(cell), "4103")
	})
}

func TestCallChecksKeepCodesOfQuestions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, s := t.Context(), agentOnFile(t, db, "zuoxi1")
		c := openCall(s.ID)
		require.NoError(t, db.Calls().CreateCall(ctx, c))
		v := hotline.Verification{
			ID: models.NewID(), CallID: c.ID, StaffID: s.ID, PersonID: models.NewID(), At: start, Asked: []string{"name", "id_last6"},
			Fitting: []string{"name", "id_last6"}, Match: true, Level: hotline.LevelBasic, Strength: hotline.StrengthBasic, Failures: 1,
		}
		require.NoError(t, db.CallChecks().AddVerification(ctx, v))
		got, err := db.CallChecks().VerificationByID(ctx, v.ID)
		require.NoError(t, err)
		require.Equal(t, v, got)
		for i := range 3 {
			l := hotline.LookUp{ID: models.NewID(), CallID: c.ID, StaffID: s.ID, Kind: "person", At: start.Add(time.Duration(i) * time.Minute)}
			require.NoError(t, db.CallChecks().AddLookUp(ctx, l))
		}
		n, err := db.CallChecks().LookUpsSince(ctx, s.ID, start)
		require.NoError(t, err)
		require.Equal(t, 2, n)
	})
}

func TestACauseOpensOneEnquiry(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(start)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, person := t.Context(), models.NewID()
		require.Equal(t, 6, winners(6, func() error {
			return db.OpenCase(ctx, "loss_unconfirmed:r1", "loss_unconfirmed", person, "loss_reports", "r1")
		}), "telling again is no error")
		e, err := db.Enquiries().EnquiryByCause(ctx, "loss_unconfirmed:r1")
		require.NoError(t, err)
		require.Equal(t, hotline.EnquiryReceived, e.State)
		entries, err := db.AuditOf(ctx, "enquiries", string(e.ID))
		require.NoError(t, err)
		require.Len(t, entries, 1)
		require.Equal(t, person, entries[0].SubjectID)
		require.NoError(t, db.OpenCase(ctx, "second", "loss_unconfirmed", person, "loss_reports", "r2"))
		require.NoError(t, db.OpenCase(ctx, "nobody", "feed_parked", "", "feeds", "cards"))

		mine, err := db.Enquiries().EnquiriesOf(ctx, person, hotline.Page{Limit: 1})
		require.NoError(t, err)
		require.Equal(t, "r2", mine[0].ObjectID)
		mine, err = db.Enquiries().EnquiriesOf(ctx, person, hotline.Page{After: mine[0].ID, Limit: 10})
		require.NoError(t, err)
		require.Len(t, mine, 1)
		none, err := db.Enquiries().EnquiriesOf(ctx, "", hotline.Page{Limit: 10})
		require.NoError(t, err)
		require.Empty(t, none)

		from := e.State
		e.State, e.Answer, e.AnsweredBy, e.AnsweredAt = hotline.EnquiryAnswered, "已核实", models.NewID(), start
		require.Equal(t, 1, winners(5, func() error { return db.Enquiries().UpdateEnquiry(ctx, e, from) }))
		got, err := db.Enquiries().EnquiryByID(ctx, e.ID)
		require.NoError(t, err)
		e.Version++
		require.Equal(t, e, got)
		open, err := db.Enquiries().EnquiriesIn(ctx, hotline.EnquiryReceived, hotline.Page{Limit: 10})
		require.NoError(t, err)
		require.Len(t, open, 2)
	}, storetest.WithClock(clock))
}

// R19: a guide goes to the mobile from which the call came, and the row of the message does not hold the number.
func TestR19_AGuideFindsThePhoneThatRangAndStandsInNoRow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		agent := agentOnFile(t, db, "agent.one")
		mobile, err := hotline.ParseCallerNumber("13712345678")
		require.NoError(t, err)
		c := openCall(agent.ID)
		c.Caller = mobile
		require.NoError(t, db.Calls().CreateCall(t.Context(), c))
		c.SlipSent = "release"
		require.NoError(t, db.Calls().UpdateCall(t.Context(), c))
		kept, err := db.Calls().CallByID(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, "release", kept.SlipSent)

		require.NoError(t, db.AddNotice(t.Context(), notice.Draft{
			Cause: "guide:" + string(c.ID), Kind: notice.GuideSlip, To: notice.ToCaller, ToRef: c.ID, Object: "calls", ObjectID: c.ID,
			Params: map[string]string{"act": "社保账户解挂", "papers": "本人身份证原件", "outlet": "就近的社保卡服务网点", "outlet_phone": "12333", "fee": "不收费"},
		}))
		n := claim(t, db.Notices(), notice.BulkLanes...).Notice
		phone, err := db.Persons().NoticePhone(t.Context(), n.PersonID, n.To, n.ToRef)
		require.NoError(t, err)
		require.Equal(t, "13712345678", phone.Reveal())
		var row string
		require.NoError(t, db.SQL().QueryRowContext(t.Context(), "SELECT cause || params || COALESCE(CAST(destination_id AS text), '') FROM notices").Scan(&row))
		require.NotContains(t, row, "13712345678")

		land := openCall(agentOnFile(t, db, "agent.two").ID)
		land.Caller, err = hotline.ParseCallerNumber("0379-12345678")
		require.NoError(t, err)
		require.NoError(t, db.Calls().CreateCall(t.Context(), land))
		for _, call := range []models.ID{land.ID, models.NewID()} {
			_, err = db.Persons().NoticePhone(t.Context(), "", notice.ToCaller, call)
			require.ErrorIs(t, err, notice.ErrNoPhone)
		}
	})
}
