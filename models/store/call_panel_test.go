package store_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/hotline"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

// withCard gives the caller a card, and says whether it is lost.
func (s *seat) withCard(lost bool) {
	s.t.Helper()
	_, err := s.db.Cards().MirrorCards(s.t.Context(), []card.Fact{{
		Ref: "c1", PersonRef: "p1", NumberMask: "**** 0001", Area: "410300", BankCode: "313LY", Social: card.SocialNormal, Financial: card.FinancialActive,
		Holding: card.Collected, Version: 1, ChangedAt: start,
	}}, start)
	require.NoError(s.t, err)
	if !lost {
		return
	}
	c, err := s.db.Cards().CardByRef(s.t.Context(), "c1")
	require.NoError(s.t, err)
	require.NoError(s.t, s.db.Cards().CreateLossReport(s.t.Context(), card.LossReport{
		ID: models.NewID(), Receipt: "20211220000000010", CardID: c.ID, PersonID: c.PersonID, State: card.LossReceived, Source: "wechat_mini", ReportedBy: models.CitizenActor,
		Kind: card.LossFormal, ReportedAt: start, WaitingSince: start, UpdatedAt: start, Version: 1,
	}))
}

// The person panel is two round trips of reading, however much the desk asks: who is it, and may he, with the call; and the look with
// the cards in the one statement that is durable.
func TestR59_ThePersonPanelCostsTwoStatements(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]bool{"in order": false, "lost": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachSeat(t, func(t *testing.T, s *seat) {
				s.withCard(lost)
				by, call := s.onThePhone()
				_, err := s.PersonOf(t.Context(), by, call)
				require.NoError(t, err)
				alone, err := s.db.Cards().HomeFacts(t.Context(), by.Subject)
				require.NoError(t, err)
				require.Len(t, alone.Cards, 1)
				require.Equal(t, lost, alone.Lost)
				require.False(t, alone.Applied || alone.Replaced)
				ctx, cost := s.db.CountStatements(t.Context())
				var beside card.HomeFacts
				_, err = s.Looking(ctx, by, call, hotline.SeesPerson, func(ctx context.Context, by models.Actor) (err error) {
					beside, err = s.db.Cards().HomeFacts(ctx, by.Subject)
					return err
				})
				require.NoError(t, err)
				require.Equal(t, alone, beside, "what the look brings along is what a reading by itself gives")
				require.Equal(t, 1, cost.Commits())
				if s.db.Driver() == store.SQLite {
					require.Equal(t, 5, cost.Statements())
				} else {
					require.Equal(t, 1, cost.Statements())
				}
				ctx, cost = s.db.CountStatements(t.Context())
				_, err = s.Looking(ctx, by, call, hotline.SeesPerson, func(ctx context.Context, by models.Actor) error {
					for range 2 { // what was brought along is there once: a second reading may see what happened meanwhile
						if _, err := s.db.Cards().HomeFacts(ctx, by.Subject); err != nil {
							return err
						}
					}
					return nil
				})
				require.NoError(t, err)
				if s.db.Driver() != store.SQLite {
					require.Equal(t, 2, cost.Statements())
				}
			})
		})
	}
}

// What every request of the console is held against comes at once, and says what the tables say.
func TestR56_AnAdmissionIsOneStatement(t *testing.T) {
	t.Parallel()
	eachSeat(t, func(t *testing.T, s *seat) {
		by, call := s.onThePhone()
		session, err := s.db.StaffSessions().SessionByID(t.Context(), by.SessionID)
		require.NoError(t, err)
		ctx, cost := s.db.CountStatements(t.Context())
		a, err := s.db.StaffSessions().Admission(ctx, session.Handle)
		require.NoError(t, err)
		require.Equal(t, 1, cost.Statements())
		require.Equal(t, session, a.Session)
		require.Equal(t, []hotline.Role{hotline.RoleAgent}, a.Roles)
		require.True(t, a.Demo)
		require.False(t, a.Disabled)
		open, err := s.db.Calls().CallByID(t.Context(), call)
		require.NoError(t, err)
		open.Caller = hotline.CallerNumber{}
		require.Equal(t, open, a.Call, "all of the call but the number: a session that is over closes it")
		_, err = s.CloseCall(t.Context(), by, call)
		require.NoError(t, err)
		m, err := s.db.Staff().StaffByID(t.Context(), by.ID)
		require.NoError(t, err)
		m.DisabledAt = start
		require.NoError(t, s.db.Staff().UpdateStaff(t.Context(), m))
		a, err = s.db.StaffSessions().Admission(t.Context(), session.Handle)
		require.NoError(t, err)
		require.Empty(t, a.Call)
		require.True(t, a.Disabled)
	})
}

// A look reads the failures that are counted under its own keys, and not those of the whole day, whatever the planner knew when the
// day began.
func TestR58_ALookReadsNoFailuresOfOthers(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(start)
	s := newSeat(t, storetest.OpenPostgres(t, storetest.WithClock(clock), storetest.With(func(c *store.Config) { c.MaxConns = 1 })), clock)
	by, call := s.onThePhone()
	sql := func(statement string, args ...any) {
		t.Helper()
		_, err := s.db.SQL().ExecContext(t.Context(), statement, args...)
		require.NoError(t, err)
	}
	fill := "INSERT INTO call_failures (scope, key_index, day, failures) SELECT 'id', decode(md5(n::text), 'hex'), $1, 1 FROM generate_series(1, $2::int) n"
	sql(fill, "2021-01-01", 2000)
	sql("ANALYZE call_failures, calls, call_lock_keys")
	sql(fill, string(models.DateOf(clock.Now())), 3000)
	read := func() (n int) {
		t.Helper()
		sql("SELECT pg_stat_force_next_flush()")
		require.NoError(t, s.db.SQL().QueryRowContext(t.Context(), `SELECT t.seq_tup_read + (SELECT sum(i.idx_tup_read) FROM pg_stat_user_indexes i WHERE i.relid = t.relid)
			FROM pg_stat_user_tables t WHERE t.relname = 'call_failures'`).Scan(&n))
		return n
	}
	before := read()
	for range 8 { // the planner looks at the values of the first five only
		_, err := s.PersonOf(t.Context(), by, call)
		require.NoError(t, err)
	}
	require.LessOrEqual(t, read()-before, 100)
}
