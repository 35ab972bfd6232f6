package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

func TestR56_ARecoveryCodeIsSpentOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, f := t.Context(), db.StaffFactors()
		s, other := agentOnFile(t, db, "zuoxi1"), agentOnFile(t, db, "zuoxi2")
		require.NoError(t, f.ReplaceRecoveryCodes(ctx, s.ID, [][]byte{{1}, {2}, {3}}))
		open, err := f.RecoveryCodeOpen(ctx, s.ID, []byte{1})
		require.NoError(t, err)
		require.True(t, open)
		require.Equal(t, 1, winners(8, func() error { return f.UseRecoveryCode(ctx, s.ID, []byte{1}, start) }))
		require.ErrorIs(t, f.UseRecoveryCode(ctx, other.ID, []byte{2}, start), models.ErrConflict, "another's")
		open, err = f.RecoveryCodeOpen(ctx, s.ID, []byte{1})
		require.NoError(t, err)
		require.False(t, open)
		left, err := f.RecoveryCodesLeft(ctx, s.ID)
		require.NoError(t, err)
		require.Equal(t, 2, left)
		require.NoError(t, f.ReplaceRecoveryCodes(ctx, s.ID, nil))
		require.ErrorIs(t, f.UseRecoveryCode(ctx, s.ID, []byte{2}, start), models.ErrConflict, "void")
	})
}

func TestR56_FormerPasswordsAreTheNewestFew(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := agentOnFile(t, db, "zuoxi1")
		for n := range 7 {
			require.NoError(t, db.StaffFactors().AddPassword(t.Context(), s.ID, fmt.Sprint(n), start.Add(time.Duration(n)*time.Hour), 5))
		}
		hashes, err := db.StaffFactors().FormerPasswords(t.Context(), s.ID)
		require.NoError(t, err)
		require.Equal(t, []string{"6", "5", "4", "3", "2"}, hashes)
	})
}

func TestR56_ANewcomersFactorsAreKept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, s := t.Context(), staffMember(t, "zuoxi1", hotline.RoleLiaison)
		s.OneTimeUntil, s.TOTPPending = start.Add(time.Hour), "KRSXG5CTMVRXEZLU"
		require.NoError(t, db.Staff().CreateStaff(ctx, s))
		got, err := db.Staff().StaffByID(ctx, s.ID)
		require.NoError(t, err)
		require.Equal(t, s, got)
		require.NoError(t, db.Staff().UseStep(ctx, s.ID, 9))
		got.TOTPSecret, got.TOTPPending, got.OneTimeUntil, got.PasswordAt, got.Subject = got.TOTPPending, "", time.Time{}, start, "7f3a"
		require.Equal(t, 1, winners(6, func() error { return db.Staff().UpdateStaff(ctx, got) }), "of many who confirm one wins")
		require.ErrorIs(t, db.Staff().UseStep(ctx, s.ID, 9), models.ErrConflict, "an update takes no used step back")
		linked, err := db.Staff().StaffBySubject(ctx, "7f3a")
		require.NoError(t, err)
		got.Version, got.LastStep = 2, 9
		require.Equal(t, got, linked)
		_, err = db.Staff().StaffBySubject(ctx, "")
		require.ErrorIs(t, err, models.ErrNotFound, "who has no subject is not everybody without one")
		other := agentOnFile(t, db, "zuoxi2")
		other.Subject = "7f3a"
		require.ErrorIs(t, db.Staff().UpdateStaff(ctx, other), hotline.ErrSubjectTaken)
		listed, err := db.Staff().ListStaff(ctx)
		require.NoError(t, err)
		require.Empty(t, listed[0].TOTPPending+listed[0].PasswordHash+listed[0].TOTPSecret)
	})
}

func TestR56_DutiesAreWrittenTogether(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, s := t.Context(), agentOnFile(t, db, "zuoxi1")
		s.Roles, s.District, s.Department = []hotline.Role{hotline.RoleAuditor, hotline.RoleAdministrator}, "410302", "民政局"
		require.ErrorIs(t, db.Staff().UpdateDuties(ctx, s), hotline.ErrRolesClash)
		s.Roles = []hotline.Role{hotline.RoleKnowledgeEditor, hotline.RoleLiaison, hotline.RolePolicyManager}
		require.Equal(t, 1, winners(4, func() error { return db.Staff().UpdateDuties(ctx, s) }))
		got, err := db.Staff().StaffByID(ctx, s.ID)
		require.NoError(t, err)
		s.Version = 2
		require.Equal(t, s, got)
	})
}

func TestR56_LockedLoginsAreThoseOfTheHalfHour(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, a := t.Context(), db.StaffAttempts()
		for n := range 5 {
			_, err := a.CountAttempt(ctx, "zuoxi1", start.Add(time.Duration(n)*time.Second), 30*time.Minute, 5)
			require.NoError(t, err)
		}
		_, err := a.CountAttempt(ctx, "zuoxi2", start, 30*time.Minute, 5)
		require.NoError(t, err)
		locked, err := a.LockedLogins(ctx, []string{"zuoxi1", "zuoxi2", "zuoxi3"}, start.Add(-time.Minute), 5)
		require.NoError(t, err)
		require.Equal(t, []string{"zuoxi1"}, locked)
		locked, err = a.LockedLogins(ctx, []string{"zuoxi1"}, start.Add(time.Minute), 5)
		require.NoError(t, err)
		require.Empty(t, locked)
	})
}

// TestR56_OfTwoAdministratorsOneStays lets both disable each other in the same moment, each in a process of her own: the
// lock on the administrators decides, and who comes second is no administrator any more.
func TestR56_OfTwoAdministratorsOneStays(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		clock := models.NewManualClock(start)
		var by [2]models.Actor
		for i, login := range []string{"admin1", "admin2"} {
			s := staffMember(t, login, hotline.RoleAdministrator)
			require.NoError(t, db.Staff().CreateStaff(t.Context(), s))
			by[i] = models.Actor{Kind: models.AgentActor, ID: s.ID, Channel: models.Phone12333}
		}
		h := hotline.New(hotline.Deps{
			Journal: db, Staff: db.Staff(), Factors: db.StaffFactors(), Attempts: db.StaffAttempts(), Sessions: db.StaffSessions(), Clock: clock,
		})
		var errs [2]error
		var wg sync.WaitGroup
		for i := range by {
			wg.Go(func() { errs[i] = h.DisableStaff(context.WithoutCancel(t.Context()), by[i], string(by[1-i].ID)) })
		}
		wg.Wait()
		require.NotEqual(t, errs[0] == nil, errs[1] == nil, "%v", errs)
		require.ErrorIs(t, errors.Join(errs[:]...), hotline.ErrNotPermitted)
		ids, err := db.Staff().HoldAdministrators(t.Context())
		require.NoError(t, err)
		require.Len(t, ids, 1)
	})
}
