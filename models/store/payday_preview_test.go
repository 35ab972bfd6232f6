package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/mirror"
	"onecard/models/notice"
	"onecard/models/subsidy"
)

// announce makes a batch of so many approved lines to these people.
func (d *desk) announce(id string, to ...models.PersonRef) {
	d.t.Helper()
	now := d.payday.clock.Now()
	require.NoError(d.t, d.inTx(func(ctx context.Context) error {
		_, err := d.ApplyBatches(ctx, []subsidy.Batch{{ID: id, LedgerMonth: "2021-12", Programme: "P41", Edition: 1, District: "410303", Count: len(to), AnnouncedAt: now, Version: 1, ChangedAt: now}})
		return err
	}))
	lines := make([]subsidy.Line, len(to))
	for i, ref := range to {
		lines[i] = d.paid(ref, id, sent, func(l *subsidy.Line) {
			l.Key.Line, l.State, l.SentAt = i+1, subsidy.Approved, time.Time{}
		})
	}
	require.Empty(d.t, d.arrive(lines...))
}

// cardsHeard makes the copy of the cards source so old; whole: its first load is over.
func (d *desk) cardsHeard(ago time.Duration, whole bool) {
	d.t.Helper()
	now, c := d.payday.clock.Now(), mirror.Cursor{Source: "cards", Cursor: "1", DataSeq: 1}
	if c.AsOf = now.Add(-ago); whole {
		c.CaughtUp = now
	}
	require.NoError(d.t, d.inTx(func(ctx context.Context) error {
		if _, err := d.db.Feeds().LockCursor(ctx, c.Source); err != nil {
			return err
		}
		return d.db.Feeds().SaveCursor(ctx, c, now)
	}))
}

func (d *desk) ahead() {
	d.t.Helper()
	for more := true; more; {
		var err error
		more, err = d.LookAhead(d.t.Context())
		require.NoError(d.t, err)
	}
}

func TestR05_PayeesWhomMoneyCannotReachAreToldOnceAMonth(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.hold("zhao", card.FinancialInactive, "", 1)
		d.announce("b1", "wang", "zhao", "zhao-wife")
		d.ahead()
		require.Empty(t, d.notices("zhao-wife"), "nothing was heard of cards: nobody is told that she has none")
		for _, heard := range []struct {
			ago   time.Duration
			whole bool
		}{{time.Minute, false}, {48 * time.Hour, true}} {
			d.cardsHeard(heard.ago, heard.whole)
			d.payday.clock.Advance(2 * time.Minute)
			d.ahead()
			require.Empty(t, d.notices("zhao-wife"), "%+v", heard)
		}
		d.cardsHeard(time.Minute, true)
		d.payday.clock.Advance(2 * time.Minute)
		d.ahead()
		d.ahead()
		require.Empty(t, d.notices("wang"), "hers is active")
		told := d.notices("zhao")
		require.Len(t, told, 1)
		say := text(t, told[0])
		require.Contains(t, say, "未激活")
		require.Contains(t, say, "洛阳银行")
		require.NotContains(t, say, "就业", "R55: no programme is named")
		require.LessOrEqual(t, notice.Length(notice.Signed(say)), 70)
		require.Contains(t, text(t, d.notices("zhao-wife")[0]), "领卡")
		audits, err := d.db.AuditOf(t.Context(), "batches", "b1")
		require.NoError(t, err)
		require.Len(t, audits, 1, "one row for a batch")
		d.announce("b2", "zhao")
		d.ahead()
		require.Len(t, d.notices("zhao"), 1, "once a month")
	})
}

func TestR05_APreviewSwitchedOffTellsNobodyAndALateLineIsSeen(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.cardsHeard(time.Minute, true)
		d.hold("zhao", card.FinancialClosed, "", 1)
		d.on = false
		d.announce("b1", "zhao")
		d.ahead()
		d.on = true
		d.ahead()
		require.Empty(t, d.notices("zhao"))
		now := d.payday.clock.Now()
		require.NoError(t, d.inTx(func(ctx context.Context) error {
			_, err := d.ApplyBatches(ctx, []subsidy.Batch{{ID: "b3", LedgerMonth: "2021-12", Programme: "P41", District: "410303", Count: 1, AnnouncedAt: now, Version: 1, ChangedAt: now}})
			return err
		}))
		d.ahead() // its line is not here yet
		d.arrive(d.paid("zhao", "b3", sent))
		d.payday.clock.Advance(2 * time.Minute)
		d.ahead()
		require.Len(t, d.notices("zhao"), 1)
	})
}

func TestASliceOfAPreviewCostsTheSameForOnePayeeAsForMany(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		cost := func(batch string, n int) int {
			var people []citizen.PersonFact
			var to []models.PersonRef
			for i := range n {
				ref := models.PersonRef(fmt.Sprintf("%s-%d", batch, i))
				people, to = append(people, citizen.PersonFact{Ref: ref}), append(to, ref)
			}
			d.moveIn(people...)
			for _, ref := range to {
				d.hold(ref, card.FinancialInactive, "", 1)
			}
			d.announce(batch, to...)
			more, err := d.LookAhead(t.Context()) // takes the batch on
			require.NoError(t, err)
			require.True(t, more)
			ctx, s := d.db.CountStatements(t.Context())
			_, err = d.LookAhead(ctx)
			require.NoError(t, err)
			require.Equal(t, 1, s.Commits())
			require.Len(t, d.notices(to[n-1]), 1)
			return s.Statements()
		}
		d.cardsHeard(time.Minute, true)
		one := cost("small", 1)
		require.Equal(t, one, cost("large", 60))
	})
}

func TestTheStandingReadsAFixedNumberOfStatements(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.hold("wang", card.FinancialInactive, "5678", 1, func(f *card.Fact) { f.Ref = "card-new" })
		d.hold("wang", card.FinancialClosed, "1234", 2, func(f *card.Fact) { f.Social = card.SocialVoid })
		ctx, s := d.db.CountStatements(t.Context())
		got, err := d.facts.Standing(ctx, d.ids["wang"])
		require.NoError(t, err)
		require.Equal(t, 4, s.Statements())
		require.Equal(t, "5678", got.Card.AccountTail)
		require.Equal(t, []string{"1234"}, []string{got.Ended[0].AccountTail})
		require.True(t, got.Replaced())
		_, err = d.facts.Standing(t.Context(), models.NewID())
		require.ErrorIs(t, err, models.ErrNotFound)
		r, err := d.Readiness(t.Context(), d.actor("wang"))
		require.NoError(t, err)
		require.Equal(t, "NEW_CARD_NOT_ACTIVATED", r.Code)
		require.NotContains(t, fmt.Sprint(r), "1234", "no account in a checklist")
	})
}

// Most batches are through the bank when they are announced: of those a look asks once, however many lines they have.
func TestALookAtABatchThatIsThroughTheBankIsOver(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.cardsHeard(time.Minute, true)
		d.hold("zhao", card.FinancialInactive, "", 1)
		lines := d.lines("b1", 1200)
		lines[700].PayeeRef, lines[700].BeneficiaryRef, lines[700].State = "zhao", "zhao", subsidy.Sent
		lines[700].CreditedAt, lines[700].CreditNo = time.Time{}, ""
		d.payday.announce(d.streaming(), lines)
		d.takeAll()
		looks := 0
		for more := true; more; looks++ {
			var err error
			more, err = d.LookAhead(t.Context())
			require.NoError(t, err)
		}
		require.LessOrEqual(t, looks, 3, "taken on, looked at, and none left")
		require.Len(t, d.notices("zhao"), 1)
		require.Equal(t, 1, d.payday.count("SELECT count(*) FROM payday_previews WHERE state = 'done' AND seen = 1200 AND found = 1"))
	})
}

// A look passes over so many lines at a time, and comes to the last one of a large batch.
func TestALookComesToTheEndOfALargeBatch(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.cardsHeard(time.Minute, true)
		d.hold("zhao", card.FinancialInactive, "", 1)
		now := d.payday.clock.Now()
		require.NoError(t, d.inTx(func(ctx context.Context) error {
			_, err := d.ApplyBatches(ctx, []subsidy.Batch{{ID: "b1", LedgerMonth: "2021-12", Programme: "P41", Edition: 1, District: "410303", Count: 120_000, AnnouncedAt: now, Version: 1, ChangedAt: now}})
			return err
		}))
		require.Empty(t, d.arrive(d.paid("zhao", "b1", sent, func(l *subsidy.Line) { l.Key.Line = 120_000 })))
		d.ahead()
		require.Len(t, d.notices("zhao"), 1)
		require.Equal(t, 1, d.payday.count("SELECT count(*) FROM payday_previews WHERE state = 'running' AND line = 0"), "most lines are not here yet: it is looked at again")
	})
}
