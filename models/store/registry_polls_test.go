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

func answered(t *testing.T, db *store.DB, p mirror.Poll, asked, due time.Time) error {
	t.Helper()
	_, err := db.Polls().PollAnswered(t.Context(), p, asked, due)
	return err
}

func unknown(t *testing.T, db *store.DB, p mirror.Poll, at, due time.Time) time.Time {
	t.Helper()
	since, err := db.Polls().PollUnknown(t.Context(), p, at, due)
	require.NoError(t, err)
	return since
}

func TestTheRotaHoldsThoseWhoMatter(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newLossRig(t, db)
		polls, now := db.Polls(), r.Clock.Now()
		nobody, bound := knownPerson(t, db, 2, "P-2"), knownPerson(t, db, 4, "P-4")
		bind(t, db, bound)
		n, err := polls.EnrolPolls(t.Context(), now, now.Add(-24*time.Hour), time.Minute, 100)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		_, err = r.ReportLoss(t.Context(), r.me(), r.in())
		require.NoError(t, err)
		n, err = polls.EnrolPolls(t.Context(), now, now.Add(-24*time.Hour), time.Minute, 100)
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

		of := func(person models.ID) mirror.Poll {
			p, err := polls.PollOf(t.Context(), person)
			require.NoError(t, err)
			return p
		}
		require.NoError(t, answered(t, db, of(bound), now, now.Add(72*time.Hour)))
		require.NoError(t, polls.PollFailed(t.Context(), of(r.wang), now.Add(time.Minute)))
		require.Equal(t, mirror.Poll{Person: bound, Ref: "P-4", Asked: now, Due: now.Add(72 * time.Hour), Bound: true}, of(bound))
		require.True(t, of(r.wang).Asked.IsZero())
		require.Equal(t, 1, of(r.wang).Tries)
		require.True(t, of(nobody).Due.IsZero(), "somebody who is not on the rota may be asked about on demand")
		oldest, err := polls.OldestAsked(t.Context())
		require.NoError(t, err)
		require.Equal(t, now, oldest)

		// An answer to an older question says nothing about when she was asked last.
		require.NoError(t, answered(t, db, of(bound), now.Add(-time.Hour), now.Add(time.Hour)))
		require.Equal(t, now, of(bound).Asked)
		require.NoError(t, polls.PollSoon(t.Context(), bound, now))
		due, err = polls.ClaimPolls(t.Context(), now, now.Add(time.Minute), 10)
		require.NoError(t, err)
		require.Equal(t, []models.ID{bound}, ids(due))
		require.NoError(t, answered(t, db, due[0], now, time.Time{}))
		require.Equal(t, now, of(bound).Asked, "off the rota, and still dated")
		due, err = polls.ClaimPolls(t.Context(), now.AddDate(50, 0, 0), now.AddDate(50, 0, 1), 10)
		require.NoError(t, err)
		require.NotContains(t, ids(due), bound)
		oldest, err = polls.OldestAsked(t.Context())
		require.NoError(t, err)
		require.True(t, oldest.IsZero(), "who is off the rota makes the city no older")
		n, err = polls.EnrolPolls(t.Context(), now, now.Add(-24*time.Hour), time.Minute, 100)
		require.NoError(t, err)
		require.Equal(t, 2, n, "she matters: she is back; and the open report is brought forward")
		require.Equal(t, now, of(bound).Due)
	})
}

// However many wait, and however long, open loss reports are asked about first.
func TestOpenReportsAreClaimedFirst(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newLossRig(t, db)
		polls, now := db.Polls(), r.Clock.Now()
		var waiting []models.ID
		for i, ref := range []models.PersonRef{"P-2", "P-4", "P-6"} {
			waiting = append(waiting, knownPerson(t, db, 2*i+2, ref))
			require.NoError(t, polls.PollSoon(t.Context(), waiting[i], now.Add(-time.Hour)))
		}
		_, err := r.ReportLoss(t.Context(), r.me(), r.in())
		require.NoError(t, err)
		require.NoError(t, polls.PollSoon(t.Context(), r.wang, now))
		for _, want := range [][]models.ID{{r.wang, waiting[0]}, {waiting[1], waiting[2]}, nil} {
			due, err := polls.ClaimPolls(t.Context(), now, now.Add(time.Minute), 2)
			require.NoError(t, err)
			require.Subset(t, append(want, waiting...), ids(due))
			require.Len(t, due, len(want))
			if len(want) > 0 && want[0] == r.wang {
				require.Contains(t, ids(due), r.wang)
			}
		}

		require.NoError(t, answered(t, db, mirror.Poll{Person: waiting[0]}, now, now.Add(time.Hour)))
		require.NoError(t, answered(t, db, mirror.Poll{Person: waiting[1]}, now.Add(-time.Hour), now.Add(time.Hour)))
		require.NoError(t, answered(t, db, mirror.Poll{Person: r.wang}, now, now.Add(time.Hour)))
		unknown(t, db, mirror.Poll{Person: r.wang}, now, now.Add(time.Hour))
		known, err := polls.AskedSince(t.Context(), append(waiting, r.wang), now)
		require.NoError(t, err)
		require.Equal(t, map[models.ID]bool{waiting[0]: true}, known)
		known, err = polls.AskedSince(t.Context(), nil, now)
		require.NoError(t, err)
		require.Empty(t, known)
	})
}

// What somebody was brought forward for while a question was under way is not forgotten by its answer, whatever that was.
func TestATurnGivenMeanwhileStands(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newLossRig(t, db)
		polls, now := db.Polls(), r.Clock.Now()
		bind(t, db, r.wang)
		for name, write := range map[string]func(p mirror.Poll) error{
			"answered":   func(p mirror.Poll) error { return answered(t, db, p, now, now.Add(72*time.Hour)) },
			"off":        func(p mirror.Poll) error { return answered(t, db, p, now, time.Time{}) },
			"failed":     func(p mirror.Poll) error { return polls.PollFailed(t.Context(), p, now.Add(time.Hour)) },
			"is unknown": func(p mirror.Poll) error { unknown(t, db, p, now, now.Add(72*time.Hour)); return nil },
		} {
			require.NoError(t, polls.PollSoon(t.Context(), r.wang, now), name)
			due, err := polls.ClaimPolls(t.Context(), now, now.Add(30*time.Second), 10)
			require.NoError(t, err)
			require.Equal(t, []models.ID{r.wang}, ids(due), name)
			require.NoError(t, polls.PollSoon(t.Context(), r.wang, now.Add(time.Second)), name)
			require.NoError(t, write(due[0]), name)
			p, err := polls.PollOf(t.Context(), r.wang)
			require.NoError(t, err)
			require.Equal(t, now.Add(time.Second), p.Due, name)

			// Without one, the next turn is the answer's.
			require.NoError(t, write(p), name)
			p, err = polls.PollOf(t.Context(), r.wang)
			require.NoError(t, err)
			require.True(t, p.Due.After(now.Add(59*time.Minute)), name)
		}
	})
}

// Since when she is unknown stays through a streak, and ends with an answer.
func TestAStreakOfUnknownKeepsItsBeginning(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		person := knownPerson(t, db, 1, "P-1")
		polls := db.Polls()
		of := func() mirror.Poll {
			p, err := polls.PollOf(t.Context(), person)
			require.NoError(t, err)
			return p
		}
		for i := range 3 {
			at := start.Add(time.Duration(i) * time.Hour)
			unknown(t, db, of(), at, at.Add(time.Hour))
			require.Equal(t, start, of().Unknown)
			require.Equal(t, i+1, of().Tries)
			require.True(t, of().Asked.IsZero(), "nothing was told")
		}
		require.NoError(t, answered(t, db, of(), start.Add(4*time.Hour), time.Time{}))
		require.True(t, of().Unknown.IsZero())
		require.Zero(t, of().Tries)
		held, err := polls.HeldSince(t.Context(), person)
		require.NoError(t, err)
		require.True(t, held.IsZero())
	})
}

// Whom the source does not know, or cannot tell of, does not date everybody else. Where nobody is told any more, it is dated
// by the last answer.
func TestOnePersonsTroubleDoesNotMakeTheSourceOld(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		polls := db.Polls()
		oldest := func() time.Time {
			at, err := polls.OldestAsked(t.Context())
			require.NoError(t, err)
			return at
		}
		require.True(t, oldest().IsZero())
		list := make([]mirror.Poll, 3)
		for i, ref := range []models.PersonRef{"P-2", "P-4", "P-6"} {
			list[i].Person = knownPerson(t, db, 2*i+2, ref)
			asked := start.Add(time.Duration(i) * time.Hour)
			require.NoError(t, answered(t, db, list[i], asked, asked.Add(72*time.Hour)))
		}
		require.Equal(t, start, oldest())
		unknown(t, db, list[0], start.Add(3*time.Hour), start.Add(72*time.Hour))
		require.Equal(t, start.Add(time.Hour), oldest())
		require.NoError(t, polls.PollFailed(t.Context(), list[1], start.Add(72*time.Hour)))
		require.Equal(t, start.Add(2*time.Hour), oldest())
		require.NoError(t, polls.PollFailed(t.Context(), list[2], start.Add(72*time.Hour)))
		require.Equal(t, start.Add(2*time.Hour), oldest(), "the last answer: nobody is told any more")
	})
}

// Two who look at once and are told 'nobody' tell of one streak, and an answer ends it only where it is not older.
func TestAStreakOfUnknownIsOneForAllWhoLook(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		polls := db.Polls()
		one := mirror.Poll{Person: knownPerson(t, db, 1, "P-1")} // as both have read it: known
		at, due := start.Add(time.Minute), start.Add(time.Hour)
		require.Equal(t, at, unknown(t, db, one, at, due))
		require.Equal(t, at, unknown(t, db, one, at.Add(time.Second), due), "the streak that is there")

		cleared, err := polls.PollAnswered(t.Context(), one, start, due)
		require.NoError(t, err)
		require.True(t, cleared.IsZero(), "asked before")
		row, err := polls.PollOf(t.Context(), one.Person)
		require.NoError(t, err)
		require.Equal(t, at, row.Unknown)
		require.Equal(t, 2, row.Tries)
		require.Equal(t, start, row.Asked)

		cleared, err = polls.PollAnswered(t.Context(), one, at.Add(time.Minute), due)
		require.NoError(t, err)
		require.Equal(t, at, cleared, "whatever she was read with")
		row, err = polls.PollOf(t.Context(), one.Person)
		require.NoError(t, err)
		require.True(t, row.Unknown.IsZero())
		require.Zero(t, row.Tries)
		cleared, err = polls.PollAnswered(t.Context(), one, at.Add(2*time.Minute), due)
		require.NoError(t, err)
		require.True(t, cleared.IsZero(), "once")

		// A later streak has its own beginning, whatever its reader had seen.
		one.Unknown = at
		require.Equal(t, at.Add(time.Hour), unknown(t, db, one, at.Add(time.Hour), due))
	})
}

// A child whom a bound guardian reads, and a holder whom a bound helper reads, are asked about like who is bound herself.
func TestWhomABoundPersonReadsIsOnTheRota(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		mother, child, aunt, gran := knownPerson(t, db, 2, "P-2"), knownPerson(t, db, 4, "P-4"), knownPerson(t, db, 6, "P-6"), knownPerson(t, db, 8, "P-8")
		bind(t, db, mother)
		add := func(kind models.Capacity, actor, subject models.ID, state citizen.RelationState) models.ID {
			id := models.NewID()
			require.NoError(t, db.Relations().AddRelation(t.Context(), citizen.Relation{ID: id, Kind: kind, ActorID: actor, SubjectID: subject, State: state, Version: 1, MadeAt: start}))
			return id
		}
		add(models.AsGuardian, mother, child, citizen.RelationProved)
		add(models.AsHelper, aunt, gran, citizen.RelationActive) // she is not bound: nobody reads
		add(models.AsHelper, mother, gran, citizen.RelationNamed)
		n, err := db.Polls().EnrolPolls(t.Context(), start, start.Add(-24*time.Hour), time.Minute, 100)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		due, err := db.Polls().ClaimPolls(t.Context(), start, start.Add(time.Minute), 10)
		require.NoError(t, err)
		require.ElementsMatch(t, []models.ID{mother, child}, ids(due))
		for _, p := range due {
			require.True(t, p.Bound)
		}
	})
}

func TestAnOpenReportBringsAPersonForward(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newLossRig(t, db)
		polls, now := db.Polls(), r.Clock.Now()
		bind(t, db, r.wang)
		unknown(t, db, mirror.Poll{Person: r.wang}, now, now.Add(72*time.Hour))
		_, err := r.ReportLoss(t.Context(), r.me(), r.in())
		require.NoError(t, err)
		for _, want := range []int{1, 0} {
			n, err := polls.EnrolPolls(t.Context(), now, now.Add(-24*time.Hour), 10*time.Minute, 100)
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
