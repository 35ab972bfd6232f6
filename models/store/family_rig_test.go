package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
)

// citizenWho is somebody the registry knows, born on a day, with a number and phone of her own.
func (r *citizenRig) citizenWho(t *testing.T, n int, birth models.Date, guardians ...models.PersonRef) citizen.Claim {
	t.Helper()
	id := numberOf(birth, n)
	f := fact(t, fmt.Sprintf("F-%d", n), "张三"+string(rune('甲'+n)), id, fmt.Sprintf("139%08d", n))
	f.Guardians = guardians
	r.registry.mu.Lock()
	defer r.registry.mu.Unlock()
	r.registry.facts[id] = f
	return citizen.Claim{Name: f.Name.Reveal(), IDNumber: id, Phone: f.Phone.Reveal()}
}

// numberOf makes a number that is right in form.
func numberOf(birth models.Date, n int) string {
	b := "410303" + string(birth[0:4]) + string(birth[5:7]) + string(birth[8:10]) + fmt.Sprintf("%03d", n)
	sum := 0
	for i, w := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(b[i]-'0') * w
	}
	return b + string("10X98765432"[sum%11])
}

// mother is Wang with a child of eleven whose guardian the registry says he is.
func (r *citizenRig) family(t *testing.T, birth models.Date) (guardian models.Actor, child citizen.Claim) {
	t.Helper()
	child = r.citizenWho(t, 1, birth, "P-1")
	return r.fresh(t, "o-guardian", wang()), child
}

func (r *citizenRig) guardianOf(t *testing.T, guardian models.Actor, child citizen.Claim) models.Actor {
	t.Helper()
	rel, err := r.AddDependant(t.Context(), guardian, citizen.AddDependantInput{Claim: child})
	require.NoError(t, err)
	require.Equal(t, citizen.RelationProved, rel.State)
	acting, err := r.ActFor(t.Context(), guardian, citizen.ActingFor{Relation: rel.ID, May: []models.Capacity{models.AsGuardian}})
	require.NoError(t, err)
	return acting
}

// helped names a helper who has accepted.
func (r *citizenRig) helped(t *testing.T, holder models.Actor, helper citizen.Claim, openID string) (acting models.Actor, rel citizen.Relation) {
	t.Helper()
	her := r.fresh(t, openID, helper)
	rel, err := r.NameHelper(t.Context(), holder, helper)
	require.NoError(t, err)
	rel, err = r.AcceptHelper(t.Context(), her, rel.ID)
	require.NoError(t, err)
	acting, err = r.ActFor(t.Context(), her, citizen.ActingFor{Relation: rel.ID, May: []models.Capacity{models.AsHelper}})
	require.NoError(t, err)
	return acting, rel
}

// told counts what a person was told of a kind.
func (r *citizenRig) told(t *testing.T, person models.ID, kind notice.Kind) int {
	t.Helper()
	list, err := r.db.Notices().NoticesOf(t.Context(), person, "", 100)
	require.NoError(t, err)
	n := 0
	for _, one := range list {
		if one.Kind == kind {
			n++
		}
	}
	return n
}

func (r *citizenRig) relation(t *testing.T, id models.ID) citizen.Relation {
	t.Helper()
	rel, err := r.db.Relations().Relation(t.Context(), id)
	require.NoError(t, err)
	return rel
}

// happens applies a newer fact about somebody.
func (r *citizenRig) happens(t *testing.T, who citizen.Claim, change func(f *citizen.PersonFact)) {
	t.Helper()
	r.registry.mu.Lock()
	f := r.registry.facts[who.IDNumber]
	f.Version++
	f.ChangedAt = r.clock.Now()
	change(&f)
	r.registry.facts[who.IDNumber] = f
	r.registry.mu.Unlock()
	require.NoError(t, r.ApplyPersons(t.Context(), []citizen.PersonFact{f}))
}

// shanghai is an instant on Luoyang's clock.
func shanghai(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04:05", text, models.Shanghai)
	require.NoError(t, err)
	return at.UTC()
}
