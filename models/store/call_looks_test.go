package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/store"
)

// inCall is the demo agent in an open call about citizen Wang, known by the phone on file.
func (s *seat) onThePhone() (models.Actor, models.ID) {
	s.t.Helper()
	ctx := s.t.Context()
	in, err := s.logIn(s.code())
	require.NoError(s.t, err)
	by, err := s.Authenticate(ctx, in.Token)
	require.NoError(s.t, err)
	call, err := s.OpenCall(ctx, by, "13800001234")
	require.NoError(s.t, err)
	_, err = s.Verify(ctx, by, call.ID, hotline.VerifyInput{Name: "王小明", IDLast6: "010015"})
	require.NoError(s.t, err)
	by, err = s.Authenticate(ctx, in.Token)
	require.NoError(s.t, err)
	return by, call.ID
}

func (s *seat) looks(by models.Actor) (looks, audited int) {
	s.t.Helper()
	looks, err := s.db.CallChecks().LookUpsSince(s.t.Context(), by.ID, start.Add(-time.Hour))
	require.NoError(s.t, err)
	entries, err := s.db.AuditAbout(s.t.Context(), by.Subject, start, 1000)
	require.NoError(s.t, err)
	for _, e := range entries {
		if e.Action == "hotline.person.seen" {
			audited++
		}
	}
	return looks, audited
}

func TestR59_ALookIsOneStatementWithItsAuditEntry(t *testing.T) {
	t.Parallel()
	eachSeat(t, func(t *testing.T, s *seat) {
		by, call := s.onThePhone()
		_, err := s.PersonOf(t.Context(), by, call) // the first of a call also asks after the calls before it
		require.NoError(t, err)
		ctx, cost := s.db.CountStatements(t.Context())
		view, err := s.PersonOf(ctx, by, call)
		require.NoError(t, err)
		require.Equal(t, by.Subject, view.Person.ID)
		require.Equal(t, hotline.StrengthBasic, view.Strength)
		if s.db.Driver() == store.SQLite { // its one writer makes the steps one
			require.Equal(t, 4, cost.Statements())
			require.Equal(t, 1, cost.Commits())
		} else {
			require.Equal(t, 1, cost.Statements(), "one round trip, one durable write")
			require.Zero(t, cost.Commits())
		}
		looks, audited := s.looks(by)
		require.Equal(t, 2, audited)
		require.Equal(t, 3, looks, "the verification and two looks")
		_, err = s.db.SealAudit(t.Context())
		require.NoError(t, err)
		_, err = s.db.VerifyAudit(t.Context())
		require.NoError(t, err, "what the statement wrote is what was signed")
	})
}

// A call whose keys were tied under an older version of the look-up key is looked at again within the transaction of the reading.
func TestR58_AChangeOfKeysWithinACallEndsNoLook(t *testing.T) {
	t.Parallel()
	eachSeat(t, func(t *testing.T, s *seat) {
		by, call := s.onThePhone()
		require.NoError(t, s.db.CallLooks().DropLocksBefore(t.Context(), s.clock.Now().Add(time.Hour)))
		for range 2 {
			read := false
			_, err := s.Looking(t.Context(), by, call, hotline.SeesCards, func(context.Context, models.Actor) error {
				read = true
				return nil
			})
			require.NoError(t, err)
			require.True(t, read)
		}
	})
}

// What a request knew when it came in does not open a call that has changed since.
func TestR59_AChangedCallOpensNothingToARequestFromBefore(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(t *testing.T, s *seat, by models.Actor, call models.ID) error{
		"closed": func(t *testing.T, s *seat, by models.Actor, call models.ID) error {
			_, err := s.CloseCall(t.Context(), by, call)
			require.NoError(t, err)
			return hotline.ErrNoActiveCall
		},
		"left": func(_ *testing.T, s *seat, _ models.Actor, _ models.ID) error {
			s.clock.Advance(61 * time.Minute)
			return hotline.ErrNoActiveCall
		},
		"locked by the call": func(t *testing.T, s *seat, by models.Actor, call models.ID) error {
			for range 3 {
				_, _ = s.Verify(t.Context(), by, call, hotline.VerifyInput{Name: "王大明", IDLast6: "010016"})
			}
			return hotline.ErrPhoneLocked
		},
		"locked by the day": func(t *testing.T, s *seat, _ models.Actor, _ models.ID) error {
			for range hotline.FailuresPerDay {
				_, err := s.db.CallChecks().CountFailure(t.Context(), hotline.FailureKey{Scope: hotline.FactID, Value: "410303198001010015"}, models.DateOf(s.clock.Now()))
				require.NoError(t, err)
			}
			return hotline.ErrPhoneLocked
		},
		"role taken away": func(t *testing.T, s *seat, by models.Actor, _ models.ID) error {
			m, err := s.db.Staff().StaffByID(t.Context(), by.ID)
			require.NoError(t, err)
			m.DisabledAt = s.clock.Now()
			require.NoError(t, s.db.Staff().UpdateStaff(t.Context(), m))
			return hotline.ErrNotPermitted
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachSeat(t, func(t *testing.T, s *seat) {
				by, call := s.onThePhone()
				want := change(t, s, by, call)
				before, audited := s.looks(by)
				_, err := s.PersonOf(t.Context(), by, call)
				require.ErrorIs(t, err, want)
				_, err = s.Looking(t.Context(), by, call, hotline.SeesCards, func(context.Context, models.Actor) error {
					require.Fail(t, "nothing is read")
					return nil
				})
				require.ErrorIs(t, err, want)
				after, still := s.looks(by)
				require.Equal(t, []int{before, audited}, []int{after, still}, "nothing was seen, so nothing is written")
			})
		})
	}
}

func TestR58_WhatAsksForFullReadsNothingAtBasic(t *testing.T) {
	t.Parallel()
	eachSeat(t, func(t *testing.T, s *seat) {
		by, call := s.onThePhone()
		_, err := s.Looking(t.Context(), by, call, hotline.SeesArrivals, func(context.Context, models.Actor) error {
			require.Fail(t, "nothing is read")
			return nil
		})
		require.ErrorIs(t, err, hotline.ErrVerificationRequired)
		stranger := by
		stranger.Level = models.LevelReal // a level that the call has not got
		_, err = s.Looking(t.Context(), stranger, call, hotline.SeesArrivals, func(context.Context, models.Actor) error { return nil })
		require.ErrorIs(t, err, hotline.ErrVerificationRequired)
	})
}

// A reading fails as a whole: no look without what was read.
func TestR59_AFailedReadingIsNoLook(t *testing.T) {
	t.Parallel()
	eachSeat(t, func(t *testing.T, s *seat) {
		by, call := s.onThePhone()
		before, _ := s.looks(by)
		broken := errors.New("broken")
		_, err := s.Looking(t.Context(), by, call, hotline.SeesCards, func(ctx context.Context, in models.Actor) error {
			require.Equal(t, by.Subject, in.Subject)
			require.True(t, models.CopyOnly(ctx))
			return broken
		})
		require.ErrorIs(t, err, broken)
		after, _ := s.looks(by)
		require.Equal(t, before, after)
	})
}

// Whoever closes a call while it is being read waits until what was read is whole; whoever reads after sees nothing.
func TestR59_LooksAndACloseRaceToOneOrder(t *testing.T) {
	t.Parallel()
	eachSeat(t, func(t *testing.T, s *seat) {
		by, call := s.onThePhone()
		var wait sync.WaitGroup
		results := make([]error, 8)
		for i := range results {
			wait.Go(func() {
				if i == 4 {
					_, results[i] = s.CloseCall(t.Context(), by, call)
					return
				}
				_, results[i] = s.PersonOf(t.Context(), by, call)
			})
		}
		wait.Wait()
		shown := 0
		for i, err := range results {
			switch {
			case i == 4:
				require.NoError(t, err)
			case err == nil:
				shown++
			default:
				require.True(t, errors.Is(err, hotline.ErrNoActiveCall) || errors.Is(err, models.ErrConflict), err)
			}
		}
		_, audited := s.looks(by)
		require.Equal(t, shown, audited, "as many entries as people were shown")
	})
}

func TestR59_OwnHouseholdIsFlaggedOnceAndSettledByAnother(t *testing.T) {
	t.Parallel()
	eachSeat(t, func(t *testing.T, s *seat) {
		by, call := s.onThePhone()
		require.NoError(t, s.LinkStaff(t.Context(), hotline.Operator(), "demo", "p1"))
		for range 2 {
			_, err := s.PersonOf(t.Context(), by, call)
			require.NoError(t, err)
		}
		flags, err := s.db.CallFlags().OpenFlags(t.Context(), 10)
		require.NoError(t, err)
		require.Len(t, flags, 1)
		require.Equal(t, hotline.FlagOwnHousehold, flags[0].Kind)
		require.Equal(t, "demo", flags[0].Login)
		require.Equal(t, "坐席甲", flags[0].Name.Reveal())
		require.NoError(t, s.EnsureStaff(t.Context(), hotline.DemoStaff{
			Login: "banzhang", Name: "班长", Password: seatPassword, TOTPSecret: seatSecret, Roles: []string{"supervisor"},
		}))
		m, err := s.db.Staff().StaffByLogin(t.Context(), "banzhang")
		require.NoError(t, err)
		boss := models.Actor{Kind: models.AgentActor, ID: m.ID, Channel: models.Phone12333}
		_, err = s.SettleFlag(t.Context(), boss, flags[0].ID, "")
		require.ErrorIs(t, err, hotline.ErrFlagReason)
		_, err = s.SettleFlag(t.Context(), by, flags[0].ID, "explained")
		require.ErrorIs(t, err, hotline.ErrNotPermitted)
		alone, err := s.db.CallFlags().FlagByID(t.Context(), flags[0].ID)
		require.NoError(t, err)
		require.Equal(t, flags[0], alone)
		require.Equal(t, 1, winners(6, func() error {
			_, err := s.SettleFlag(t.Context(), boss, flags[0].ID, "explained")
			return err
		}))
		flags, err = s.db.CallFlags().OpenFlags(t.Context(), 10)
		require.NoError(t, err)
		require.Empty(t, flags)
	})
}

// Of many exports at once a supervisor gets as many as a day allows, and of many draws of a day one is kept.
func TestExportsAndDrawsRaceToTheirLimit(t *testing.T) {
	t.Parallel()
	eachSeat(t, func(t *testing.T, s *seat) {
		by, call := s.onThePhone()
		_, err := s.CloseCall(t.Context(), by, call)
		require.NoError(t, err)
		require.NoError(t, s.EnsureStaff(t.Context(), hotline.DemoStaff{
			Login: "banzhang", Name: "班长", Password: seatPassword, TOTPSecret: seatSecret, Roles: []string{"supervisor"},
		}))
		m, err := s.db.Staff().StaffByLogin(t.Context(), "banzhang")
		require.NoError(t, err)
		boss := models.Actor{Kind: models.AgentActor, ID: m.ID, Channel: models.Phone12333}
		day := models.DateOf(start)
		require.Equal(t, 5, winners(9, func() error {
			_, err := s.Export(t.Context(), boss, hotline.ExportCalls, day, day)
			return err
		}))
		s.Boards = s.db.Boards()
		room, err := s.ExportRoom(t.Context(), boss)
		require.NoError(t, err)
		require.Equal(t, hotline.ExportRoom{PerDay: 5, Left: 0, Days: 31, Lines: 20000}, room)
		_, err = s.ExportRoom(t.Context(), by)
		require.ErrorIs(t, err, hotline.ErrNotPermitted)
		s.clock.Advance(24 * time.Hour)
		var mu sync.Mutex
		seeds := map[string]bool{}
		require.Equal(t, 6, winners(6, func() error {
			drawn, err := s.DrawSample(t.Context(), boss, day)
			mu.Lock()
			defer mu.Unlock()
			seeds[drawn.Seed] = true
			return err
		}))
		require.Len(t, seeds, 1, "everybody sees one draw")
		again, err := s.DrawSample(t.Context(), boss, day)
		require.NoError(t, err)
		require.Equal(t, "demo", again.Items[0].Login)
		item, _, _, err := s.OpenItem(t.Context(), boss, again.Items[0].ID)
		require.NoError(t, err)
		require.Equal(t, "demo", item.Login)
		room, err = s.ExportRoom(t.Context(), boss)
		require.NoError(t, err)
		require.Equal(t, 5, room.Left, "of the next day")
	})
}
