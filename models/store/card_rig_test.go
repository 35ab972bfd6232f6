package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/card/cardtest"
	"onecard/models/citizen"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

// lossStore is the cards' store without wake-ups, its leases and deadlines by the rig's clock.
type lossStore struct {
	*store.Cards
	clock models.Clock
}

func (lossStore) Wake(context.Context, string) {}

func (lossStore) SettleCase(context.Context, string) error { return nil }

func (s lossStore) Now(context.Context) (time.Time, error) { return s.clock.Now(), nil }

// lossRig is loss and release on a real store, against the simulated registry.
type lossRig struct {
	*cardtest.Rig
	db   *store.DB
	wang models.ID
	card models.ID
}

const lossRef = models.CardRef("C-1")

func eachLoss(t *testing.T, fn func(t *testing.T, r *lossRig)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { fn(t, newLossRig(t, db)) })
}

func newLossRig(t *testing.T, db *store.DB) *lossRig {
	t.Helper()
	clock := models.NewManualClock(cardtest.Start)
	r := &lossRig{Rig: cardtest.NewRig(clock, lossStore{db.Cards(), clock}, cardtest.NewRegistry(clock, true)), db: db}
	r.wang = knownPerson(t, db, 1, "P-1")
	r.Registry.Issue(lossRef, "P-1")
	require.NoError(t, r.Feed(t.Context()))
	own, err := r.Store.CardsOfPerson(t.Context(), r.wang)
	require.NoError(t, err)
	require.Len(t, own, 1)
	r.card = own[0].ID
	t.Cleanup(func() {
		require.Empty(t, r.Store.Violations)
		var ended int64
		require.NoError(t, db.Q(context.Background()).Raw("SELECT count(*) FROM card_commands WHERE state IN ('confirmed', 'refused', 'expired')").Row().Scan(&ended))
		require.Equal(t, ended, r.Meter.Settled.Load(), "each end is counted with its commit, and no other")
	})
	return r
}

// knownPerson makes the nth invented person known.
func knownPerson(t require.TestingT, db *store.DB, n int, ref models.PersonRef) models.ID {
	name, err := models.ParseName("王建国")
	require.NoError(t, err)
	number, err := models.ParseIDNumber([]string{wangID, liID, childID}[n%3], start)
	require.NoError(t, err)
	phone, err := models.ParsePhone(fmt.Sprintf("138000000%02d", n))
	require.NoError(t, err)
	_, err = db.Persons().ApplyPersons(context.Background(), []citizen.PersonFact{{
		Ref: ref, Name: name, IDNumber: number, Phone: phone, BirthDate: number.Birth(), District: "410303", LivingStatus: citizen.Alive,
		Version: 1, ChangedAt: start,
	}}, start)
	require.NoError(t, err)
	var id string
	require.NoError(t, db.Q(context.Background()).Raw("SELECT id FROM persons WHERE ref = ?", string(ref)).Row().Scan(&id))
	return models.ID(id)
}

func (r *lossRig) in() card.ReportLossInput {
	return card.ReportLossInput{CardID: r.card, Said: card.ByPhone{ReadBack: true}}
}

func (r *lossRig) me() models.Actor { return r.Citizen(r.wang) }

func (r *lossRig) reports(t *testing.T) []card.LossReport {
	t.Helper()
	out, err := r.Store.LossReportsOf(t.Context(), r.wang, 50)
	require.NoError(t, err)
	return out
}

// count reads one number.
func (r *lossRig) count(t *testing.T, query string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, r.db.Q(t.Context()).Raw(query, args...).Row().Scan(&n))
	return n
}

// together runs all of fns at once and gives their errors.
func together(fns ...func() error) []error {
	errs := make([]error, len(fns))
	var wg sync.WaitGroup
	for i, fn := range fns {
		wg.Go(func() { errs[i] = fn() })
	}
	wg.Wait()
	return errs
}

// repeated is fn n times.
func repeated(n int, fn func() error) []func() error {
	out := make([]func() error, n)
	for i := range out {
		out[i] = fn
	}
	return out
}
