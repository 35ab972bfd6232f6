package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/citizen"
	"onecard/models/notice"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

// until waits for done, or for the first transaction of this database that waits for another's lock. SQLite has one
// writer: who is not done has not begun.
func until(t *testing.T, db *store.DB, done <-chan error) (err error, finished bool) {
	t.Helper()
	if db.Driver() != store.Postgres {
		return nil, false
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return err, true
		case <-tick.C:
		case <-t.Context().Done():
			return t.Context().Err(), true
		}
		var waiting int
		require.NoError(t, db.SQL().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waiting))
		if waiting > 0 {
			return nil, false
		}
	}
}

// TestR52_TakingAndGivingBackATryStandInOneLine: who gives back waits for the first key before it holds the second,
// though the rows lie on the disk in the other order; else whoever holds the first and wants the second meets it in a ring.
func TestR52_TakingAndGivingBackATryStandInOneLine(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		tries, day := db.Lockouts(), models.DateOf(start)
		first, second := []byte("a-key"), []byte("b-key")
		for _, key := range [][]byte{second, first} {
			left, err := tries.TakeTry(t.Context(), [][]byte{key}, day, 5)
			require.NoError(t, err)
			require.True(t, left)
		}
		_, err := db.SQL().ExecContext(t.Context(), "ANALYZE bind_tries") // so small that it is read as it lies
		require.NoError(t, err)
		back := make(chan error, 1)
		err = db.InTx(t.Context(), func(ctx context.Context) error {
			if _, err := tries.TakeTry(ctx, [][]byte{first}, day, 5); err != nil {
				return err
			}
			go func() { back <- tries.GiveBackTry(context.WithoutCancel(t.Context()), [][]byte{second, first}, day) }()
			until(t, db, back)
			_, err := tries.TakeTry(ctx, [][]byte{second}, day, 5)
			return err
		})
		require.NoError(t, err)
		require.NoError(t, <-back)
		for _, err := range atOnce(6, func(i int) error {
			ctx, keys := context.WithoutCancel(t.Context()), [][]byte{first, second}
			if i%2 == 1 {
				keys = [][]byte{second, first}
			}
			for range 10 {
				if left, err := tries.TakeTry(ctx, keys, day, 100); err != nil || !left {
					return err
				}
				if err := tries.GiveBackTry(ctx, keys, day); err != nil {
					return err
				}
			}
			return nil
		}) {
			require.NoError(t, err)
		}
		var total int
		require.NoError(t, db.SQL().QueryRowContext(t.Context(), "SELECT SUM(tries) FROM bind_tries").Scan(&total))
		require.Equal(t, 2, total, "what was taken was given back")
	})
}

// pausing is the store with one decision held still just before its commit.
type pausing struct {
	spy
	action        string
	reached, goOn chan struct{}
}

func (p *pausing) RecordAudit(ctx context.Context, e audit.Entry) error {
	if err := p.spy.RecordAudit(ctx, e); err != nil || e.Action != p.action {
		return err
	}
	p.reached <- struct{}{}
	<-p.goOn
	return nil
}

// ways are all by which a session or an account comes to stand for a person: each prepares, and gives the last step.
func (r *citizenRig) ways(t *testing.T) map[string]func(by models.Actor) (action string, last func() error) {
	face := func(begin func(by models.Actor) (citizen.CheckTicket, error), action string) func(models.Actor) (string, func() error) {
		return func(by models.Actor) (string, func() error) {
			ticket, err := begin(by)
			require.NoError(t, err)
			r.face.result = citizen.FacePassed
			return action, func() error {
				_, err := r.FinishCheck(context.WithoutCancel(t.Context()), by, ticket.CheckID)
				return err
			}
		}
	}
	agreed := map[citizen.Purpose]string{}
	for _, p := range []citizen.Purpose{citizen.PurposePrivacyNotice, citizen.PurposeFace} {
		doc, _ := citizen.DocumentFor(p)
		agreed[p] = doc.Version
	}
	return map[string]func(by models.Actor) (string, func() error){
		"code": func(by models.Actor) (string, func() error) {
			_, err := r.RequestBindingCode(t.Context(), by, wang())
			require.NoError(t, err)
			code := r.sms.code(notice.Code)
			return "citizen.account.bound", func() error {
				_, err := r.ConfirmBinding(context.WithoutCancel(t.Context()), by, code)
				return err
			}
		},
		"check": face(func(by models.Actor) (citizen.CheckTicket, error) {
			return r.BeginBindingCheck(t.Context(), by, wang())
		}, "citizen.account.bound"),
		"borrowed phone": face(func(by models.Actor) (citizen.CheckTicket, error) {
			return r.BeginBorrowing(t.Context(), by, wang(), agreed)
		}, "citizen.session.borrowed"),
		"slip": func(by models.Actor) (string, func() error) {
			_, code, err := r.IssueSlip(t.Context(), models.System(), citizen.IssueSlipInput{Name: "王建国", IDNumber: wangID, OutletID: "o"})
			require.NoError(t, err)
			return "citizen.account.bound", func() error {
				_, err := r.RedeemSlip(context.WithoutCancel(t.Context()), by, code, wangID)
				return err
			}
		},
	}
}

// TestR52_NobodyStandsForThePersonTheFeedEnds: the news of a death or a merge meets a binding in the same moment. Held
// still once on each side, in every way to bind: whichever commits first, nothing is left that stands for the person.
func TestR52_NobodyStandsForThePersonTheFeedEnds(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		p := &pausing{spy: spy{r.db, r.sms}, reached: make(chan struct{}), goOn: make(chan struct{})}
		r.Decisions = p
		news := map[string]func(*citizen.PersonFact){
			"death":                      func(f *citizen.PersonFact) { f.LivingStatus = citizen.Deceased },
			"merge":                      func(f *citizen.PersonFact) { f.MergedInto = "P-2" },
			"merge into someone unknown": func(f *citizen.PersonFact) { f.MergedInto = "P-99" },
		}
		require.NoError(t, r.ApplyPerson(t.Context(), r.registry.facts[liID]))
		version := int64(1)
		tell := func(ctx context.Context, change func(*citizen.PersonFact)) error {
			f := r.registry.facts[wangID]
			version++
			f.Version = version
			change(&f)
			return r.ApplyPerson(ctx, f)
		}
		round := 0
		for way, prepare := range r.ways(t) {
			for kind, change := range news {
				for _, feedFirst := range []bool{true, false} {
					round++
					name := way + ", " + kind + map[bool]string{true: ", the feed first", false: ", the binding first"}[feedFirst]
					r.clock.Advance(25 * time.Hour) // tries and codes are counted by the day
					require.NoError(t, tell(t.Context(), func(f *citizen.PersonFact) {}), name)
					by := r.readyToBind(t, "o-"+string(rune('a'+round)))
					action, last := prepare(by)
					done := make(chan error, 1)
					if feedFirst {
						require.NoError(t, r.db.InTx(t.Context(), func(ctx context.Context) error {
							if err := tell(ctx, change); err != nil {
								return err
							}
							go func() { done <- last() }()
							err, finished := until(t, r.db, done)
							if finished {
								done <- err
							}
							return nil
						}), name)
						require.ErrorIs(t, <-done, citizen.ErrIdentityNotMatched, name)
						entries, err := r.db.AuditOf(t.Context(), "platform_accounts", string(by.AccountID))
						require.NoError(t, err)
						require.Equal(t, "citizen.claim.refused", entries[len(entries)-1].Action, name)
					} else {
						p.action = action
						go func() { done <- last() }()
						<-p.reached
						told := make(chan error, 1)
						go func() { told <- tell(context.WithoutCancel(t.Context()), change) }()
						err, finished := until(t, r.db, told)
						if finished {
							told <- err
						}
						p.goOn <- struct{}{}
						require.NoError(t, <-done, name)
						require.NoError(t, <-told, name)
						p.action = ""
					}
					r.requireNobody(t, "P-1", kind == "merge into someone unknown", name)
				}
			}
		}
	})
}

// requireNobody looks for what stands for a person. An account whose person was merged into somebody we do not know yet
// waits for that record; it opens no session for anybody meanwhile.
func (r *citizenRig) requireNobody(t *testing.T, ref models.PersonRef, waiting bool, name string) {
	t.Helper()
	p, err := r.db.Persons().PersonByRef(t.Context(), ref)
	require.NoError(t, err)
	live, err := r.db.Sessions().LiveSessions(t.Context(), citizen.SessionOwner{Person: p.ID}, r.clock.Now())
	require.NoError(t, err)
	require.Empty(t, live, name)
	accounts, err := r.db.PlatformAccounts().AccountsOf(t.Context(), p.ID)
	require.NoError(t, err)
	if !waiting {
		require.Empty(t, accounts, name)
	}
	for _, a := range accounts {
		by, _ := r.logIn(t, a.OpenID)
		require.Empty(t, by.ID, name)
	}
}
