package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/mirror"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

func ids(list []mirror.Poll) (out []models.ID) {
	for _, p := range list {
		out = append(out, p.Person)
	}
	return out
}

// bind joins a platform account to a person.
func bind(t *testing.T, db *store.DB, person models.ID) {
	t.Helper()
	require.NoError(t, db.W(t.Context()).Exec(`INSERT INTO platform_accounts (id, platform, app_id, open_id, union_id, user_id, handle, person_id, level, bound_at, bound_by, made_at, seen_at)
		VALUES (?, 'wechat_mini', 'app', ?, '', '', 'h', ?, 'phone', ?, '', ?, ?)`, string(models.NewID()), "o-"+string(person), string(person), start, start, start).Error)
}

func TestTheRotaHoldsThoseWhoMatter(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newLossRig(t, db)
		polls, now := db.Polls(), r.Clock.Now()
		nobody, bound := knownPerson(t, db, 2, "P-2"), knownPerson(t, db, 4, "P-4")
		bind(t, db, bound)
		n, err := polls.EnrolPolls(t.Context(), now, time.Minute, 100)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		_, err = r.ReportLoss(t.Context(), r.me(), r.in())
		require.NoError(t, err)
		n, err = polls.EnrolPolls(t.Context(), now, time.Minute, 100)
		require.NoError(t, err)
		require.Equal(t, 1, n, "who reports a loss is put there")

		due, err := polls.ClaimPolls(t.Context(), now, now.Add(30*time.Second), 10)
		require.NoError(t, err)
		require.ElementsMatch(t, []models.ID{r.wang, bound}, ids(due))
		require.NotContains(t, ids(due), nobody)
		for _, p := range due {
			require.Equal(t, p.Person == r.wang, p.Report)
			require.Equal(t, p.Person == bound, p.Bound)
			require.False(t, p.Application)
		}
		again, err := polls.ClaimPolls(t.Context(), now, now.Add(time.Minute), 10)
		require.NoError(t, err)
		require.Empty(t, again, "claimed")

		require.NoError(t, polls.PollAnswered(t.Context(), bound, now, now.Add(72*time.Hour)))
		require.NoError(t, polls.PollFailed(t.Context(), r.wang, now.Add(time.Minute)))
		p, asked, err := polls.PollOf(t.Context(), bound)
		require.NoError(t, err)
		require.Equal(t, now, asked)
		require.Equal(t, models.PersonRef("P-4"), p.Ref)
		p, asked, err = polls.PollOf(t.Context(), r.wang)
		require.NoError(t, err)
		require.True(t, asked.IsZero())
		require.Equal(t, 1, p.Tries)
		_, asked, err = polls.PollOf(t.Context(), nobody)
		require.NoError(t, err)
		require.True(t, asked.IsZero(), "somebody who is not on the rota may be asked about on demand")
		oldest, err := polls.OldestAsked(t.Context())
		require.NoError(t, err)
		require.Equal(t, now, oldest)

		// An answer to an older question says nothing about when she was asked last.
		require.NoError(t, polls.PollAnswered(t.Context(), bound, now.Add(-time.Hour), now.Add(time.Second)))
		_, asked, err = polls.PollOf(t.Context(), bound)
		require.NoError(t, err)
		require.Equal(t, now, asked)
		require.NoError(t, polls.PollSoon(t.Context(), bound, now))
		due, err = polls.ClaimPolls(t.Context(), now, now.Add(time.Minute), 10)
		require.NoError(t, err)
		require.Equal(t, []models.ID{bound}, ids(due))
		require.NoError(t, polls.PollAnswered(t.Context(), bound, now, time.Time{}))
		_, asked, err = polls.PollOf(t.Context(), bound)
		require.NoError(t, err)
		require.True(t, asked.IsZero(), "off the rota")
	})
}

func TestAnOpenReportBringsAPersonForward(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newLossRig(t, db)
		polls, now := db.Polls(), r.Clock.Now()
		bind(t, db, r.wang)
		require.NoError(t, polls.PollAnswered(t.Context(), r.wang, now, now.Add(72*time.Hour)))
		_, err := r.ReportLoss(t.Context(), r.me(), r.in())
		require.NoError(t, err)
		for _, want := range []int{1, 0} {
			n, err := polls.EnrolPolls(t.Context(), now, 10*time.Minute, 100)
			require.NoError(t, err)
			require.Equal(t, want, n, "once")
		}
		due, err := polls.ClaimPolls(t.Context(), now.Add(10*time.Minute), now.Add(time.Hour), 10)
		require.NoError(t, err)
		require.Equal(t, []models.ID{r.wang}, ids(due))
	})
}

// Numbers rise for everybody at once, and begin above whatever a feed had told.
func TestTicketsRise(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		person := knownPerson(t, db, 1, "P-1")
		require.NoError(t, db.W(t.Context()).Exec("UPDATE persons SET version = 900 WHERE id = ?", string(person)).Error)
		_, err := db.Polls().Ticket(t.Context())
		require.ErrorIs(t, err, models.ErrNotFound, "not begun")
		for range 2 {
			require.NoError(t, db.Polls().StartTickets(t.Context()))
		}
		var mu sync.Mutex
		seen := map[int64]bool{}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				last := int64(900)
				for range 5 {
					n, err := db.Polls().Ticket(t.Context())
					mu.Lock()
					if err != nil || n <= last || seen[n] {
						t.Errorf("ticket %d after %d: %v", n, last, err)
					}
					seen[n] = true
					mu.Unlock()
					last = n
				}
			})
		}
		all.Wait()
		require.Len(t, seen, 40)
		require.NoError(t, db.Polls().StartTickets(t.Context()))
		n, err := db.Polls().Ticket(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 941, n, "a start takes nothing back")
	})
}

// What a source does not tell stands; what it tells again as it was keeps its date.
func TestATellingOfLessLeavesTheRest(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newLossRig(t, db)
		p, err := db.Persons().Person(t.Context(), r.wang)
		require.NoError(t, err)
		full := p.PersonFact
		full.Version, full.HouseholdRef, full.IsHead = 5, "h1", true
		_, err = db.Persons().ApplyPersons(t.Context(), []citizen.PersonFact{full}, start)
		require.NoError(t, err)
		part := full
		part.Version, part.HouseholdRef, part.IsHead, part.District, part.Partial = 6, "", false, "", true
		_, err = db.Persons().ApplyPersons(t.Context(), []citizen.PersonFact{part}, start)
		require.NoError(t, err)
		p, err = db.Persons().Person(t.Context(), r.wang)
		require.NoError(t, err)
		require.Equal(t, "h1", p.HouseholdRef)
		require.True(t, p.IsHead)
		require.Equal(t, full.District, p.District)
		require.EqualValues(t, 6, p.Version)
	})
}
