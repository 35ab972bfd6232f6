package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/citizen"
)

func auditOf(by models.Actor, at time.Time) audit.Entry {
	return audit.Of(by, at, "hotline.person.shown", "persons", string(by.Subject), "done")
}

// idNumber is a valid number of the n-th invented person.
func idNumber(t *testing.T, n int) string {
	t.Helper()
	number, ok := models.UpgradeIDNumber(fmt.Sprintf("410303%02d%02d%02d%03d", 50+n/28/12%40, 1+n/28%12, 1+n%28, n%1000))
	require.True(t, ok)
	return number
}

func TestACityOfPeopleLoadsInBatchesAndTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		facts := make([]citizen.PersonFact, 1500)
		for i := range facts {
			facts[i] = fact(t, fmt.Sprintf("C-%d", i), "王小明", idNumber(t, i), fmt.Sprintf("138%08d", i))
		}
		ctx, counted := r.db.CountStatements(t.Context())
		require.NoError(t, r.ApplyPersons(ctx, facts))
		require.Less(t, counted.Statements(), len(facts)/10, "people go in batches")
		require.NoError(t, r.ApplyPersons(t.Context(), facts))
		found, err := r.db.Persons().PersonsByIDNumber(t.Context(), facts[1234].IDNumber)
		require.NoError(t, err)
		require.NotEmpty(t, found)
		require.Equal(t, facts[1234].Phone, found[0].Phone)
		byName, err := r.db.Persons().PersonsByNameAndLast6(t.Context(), facts[7].Name, facts[7].IDNumber.Last6())
		require.NoError(t, err)
		require.NotEmpty(t, byName)
	})
}

func TestAnOlderFactNeverOverwritesANewerOne(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		newer, older := fact(t, "P-1", "王建国", wangID, "13500000005"), fact(t, "P-1", "王建国", wangID, wangPhone)
		newer.Version, older.Version = 5, 4
		require.NoError(t, r.ApplyPersons(t.Context(), []citizen.PersonFact{newer, older}))
		require.NoError(t, r.ApplyPerson(t.Context(), older))
		p, err := r.db.Persons().PersonByRef(t.Context(), "P-1")
		require.NoError(t, err)
		require.Equal(t, newer.Phone, p.Phone)
		id := p.ID
		renamed := newer
		renamed.Version, renamed.Name = 6, fact(t, "x", "王建业", wangID, wangPhone).Name
		require.NoError(t, r.ApplyPerson(t.Context(), renamed))
		p, err = r.db.Persons().PersonByRef(t.Context(), "P-1")
		require.NoError(t, err)
		require.Equal(t, id, p.ID)
		require.Equal(t, "王建业", p.Name.Reveal())
		gone, err := r.db.Persons().PersonsByNameAndLast6(t.Context(), newer.Name, newer.IDNumber.Last6())
		require.NoError(t, err)
		require.Empty(t, gone, "the old name finds nobody")
	})
}

func TestOnePersonManyWritersOneRow(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		one := fact(t, "P-1", "王建国", wangID, wangPhone)
		n, _ := countWins(atOnce(6, func(i int) error {
			mine := one
			mine.Version = int64(1 + i)
			return r.ApplyPerson(t.Context(), mine)
		}))
		require.Equal(t, 6, n)
		p, err := r.db.Persons().PersonByRef(t.Context(), "P-1")
		require.NoError(t, err)
		require.Equal(t, int64(6), p.Version)
		require.Equal(t, one.Name, p.Name, "the cells open under the row's own id")
	})
}

func TestTheDeadAndTheMergedLoseTheirSessions(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		li := r.bound(t, "o-li", citizen.Claim{Name: "李雪梅", IDNumber: liID, Phone: "13900000002"})
		died := fact(t, "P-2", "李雪梅", liID, "13900000002")
		died.Version, died.LivingStatus = 2, citizen.Deceased
		require.NoError(t, r.ApplyPerson(t.Context(), died))
		s, err := r.db.Sessions().Session(t.Context(), li.SessionID)
		require.NoError(t, err)
		require.Equal(t, citizen.EndedByDeath, s.EndedWhy)
		decided := func(person models.ID) (actions []string) {
			entries, err := r.db.AuditOf(t.Context(), "persons", string(person))
			require.NoError(t, err)
			for _, e := range entries {
				actions = append(actions, e.Action)
			}
			return actions
		}
		require.Contains(t, decided(li.ID), "citizen.account.freed")
		again, _ := r.logIn(t, "o-li")
		require.Empty(t, again.ID)
		r.consent(t, again, citizen.PurposePrivacyNotice)
		_, err = r.RequestBindingCode(t.Context(), again, wang())
		require.NoError(t, err, "who holds the phone now may bind it")
		r.clock.Advance(2 * time.Minute)

		by := r.bound(t, "o-1", wang())
		merged := fact(t, "P-1", "王建国", wangID, wangPhone)
		merged.Version, merged.MergedInto = 2, "P-100"
		require.NoError(t, r.ApplyPerson(t.Context(), merged)) // the other record is not here yet
		into := fact(t, "P-100", "王建国", wangID, wangPhone)
		require.NoError(t, r.ApplyPerson(t.Context(), into))
		target, err := r.db.Persons().PersonByRef(t.Context(), "P-100")
		require.NoError(t, err)
		moved, _ := r.logIn(t, "o-1")
		require.Equal(t, target.ID, moved.ID)
		require.NotEqual(t, by.ID, moved.ID)
		require.Contains(t, decided(target.ID), "citizen.account.moved")
		found, err := r.db.Persons().PersonsByIDNumber(t.Context(), into.IDNumber)
		require.NoError(t, err)
		require.Len(t, found, 1, "only the record that remains is found")
	})
}

func TestAccountsFollowAChainOfMergesInAnyOrder(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		r.bound(t, "o-1", wang())
		merge := func(ref, into models.PersonRef) citizen.PersonFact {
			f := fact(t, string(ref), "王建国", wangID, wangPhone)
			f.Version, f.MergedInto = 2, into
			return f
		}
		require.NoError(t, r.ApplyPersons(t.Context(), []citizen.PersonFact{merge("P-B", "P-C")}))
		require.NoError(t, r.ApplyPersons(t.Context(), []citizen.PersonFact{merge("P-1", "P-B")}))
		require.NoError(t, r.ApplyPerson(t.Context(), fact(t, "P-C", "王建国", wangID, wangPhone)))
		last, err := r.db.Persons().PersonByRef(t.Context(), "P-C")
		require.NoError(t, err)
		now, _ := r.logIn(t, "o-1")
		require.Equal(t, last.ID, now.ID)

		require.NoError(t, r.ApplyPersons(t.Context(), []citizen.PersonFact{merge("P-C", "P-D"), merge("P-D", "P-C")}))
	})
}
