package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/citizen"
	"onecard/models/hotline"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

func TestR57_TheAuditIsSearchedByTrace(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		one, two := models.Actor{Kind: models.AgentActor, ID: "s1", CallID: "c1", Subject: "p1"}, models.Actor{Kind: models.AgentActor, ID: "s2", Subject: "p1"}
		for n := range 6 {
			by := one
			if n%2 == 1 {
				by = two
			}
			require.NoError(t, db.RecordAudit(ctx, audit.Of(by, start.Add(time.Duration(n)*time.Hour), fmt.Sprint("act.", n), "x", "y", "done")))
		}
		require.NoError(t, db.RecordAudit(ctx, audit.Of(models.Actor{Kind: models.CitizenActor, ID: "s1", Subject: "s1"}, start, "act.citizen", "x", "y", "done")))
		search := func(q hotline.AuditQuery) (actions []string, last models.ID) {
			if q.From.IsZero() {
				q.From, q.Until = start, start.Add(24*time.Hour)
			}
			found, err := db.AuditTrail().SearchAudit(ctx, q)
			require.NoError(t, err)
			for _, e := range found {
				actions, last = append(actions, e.Action), e.ID
			}
			return actions, last
		}
		first, last := search(hotline.AuditQuery{StaffID: "s1", Limit: 2})
		require.Equal(t, []string{"act.4", "act.2"}, first)
		rest, _ := search(hotline.AuditQuery{StaffID: "s1", Limit: 2, Before: last})
		require.Equal(t, []string{"act.0"}, rest, "and not the citizen of that id")
		inCall, _ := search(hotline.AuditQuery{CallID: "c1", Limit: 9})
		require.Equal(t, []string{"act.4", "act.2", "act.0"}, inCall)
		both, _ := search(hotline.AuditQuery{StaffID: "s2", People: []models.ID{"p1"}, Limit: 9, From: start.Add(time.Hour), Until: start.Add(5 * time.Hour)})
		require.Equal(t, []string{"act.3", "act.1"}, both, "the end is not counted")
		_, err := db.AuditTrail().SearchAudit(ctx, hotline.AuditQuery{From: start, Until: start.Add(time.Hour), Limit: 9})
		require.Error(t, err, "nobody leafs through everything")
		_, err = db.AuditTrail().PersonOfReceipt(ctx, models.ReceiptNumber(start, 7))
		require.ErrorIs(t, err, models.ErrNotFound)
	})
}

// What was done under a record that turned out to be somebody else's stands in her trace, whichever of the two is asked for.
func TestR57_ATraceFollowsMergedPeople(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		facts := []citizen.PersonFact{}
		for i, ref := range []string{"old", "middle", "left", "stranger"} {
			name, err := models.ParseName("王小明")
			require.NoError(t, err)
			facts = append(facts, citizen.PersonFact{Ref: models.PersonRef(ref), Name: name, BirthDate: "1980-01-01", District: "410303",
				LivingStatus: citizen.Alive, Version: int64(i + 1), ChangedAt: start})
		}
		facts[0].MergedInto, facts[1].MergedInto = "middle", "left"
		_, err := db.Persons().ApplyPersons(t.Context(), facts, start)
		require.NoError(t, err)
		ids := map[string]models.ID{}
		for _, f := range facts {
			p, err := db.Persons().PersonByRef(t.Context(), f.Ref)
			require.NoError(t, err)
			ids[string(f.Ref)] = p.ID
			by := models.Actor{Kind: models.AgentActor, ID: "s1", Subject: p.ID}
			require.NoError(t, db.RecordAudit(t.Context(), audit.Of(by, start, "act."+string(f.Ref), "x", "y", "done")))
		}
		for _, ref := range []string{"old", "middle", "left"} {
			same, err := db.AuditTrail().SamePerson(t.Context(), ids[ref])
			require.NoError(t, err)
			require.Equal(t, ids["left"], same[0], "who reads her log today")
			require.ElementsMatch(t, []models.ID{ids["old"], ids["middle"], ids["left"]}, same, ref)
			found, err := db.AuditTrail().SearchAudit(t.Context(), hotline.AuditQuery{People: same, From: start, Until: start.Add(time.Hour), Limit: 9})
			require.NoError(t, err)
			require.Len(t, found, 3)
		}
		same, err := db.AuditTrail().SamePerson(t.Context(), ids["stranger"])
		require.NoError(t, err)
		require.Equal(t, []models.ID{ids["stranger"]}, same)
		gone := models.NewID()
		same, err = db.AuditTrail().SamePerson(t.Context(), gone)
		require.NoError(t, err)
		require.Equal(t, []models.ID{gone}, same)
	})
}
