package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/card/cardtest"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

func cardFact(ref models.CardRef, person models.PersonRef, version int64) card.Fact {
	return card.Fact{Ref: ref, PersonRef: person, NumberMask: "A*****123", Area: "410300", BankCode: "103", Social: card.SocialNormal,
		Financial: card.FinancialActive, Holding: card.Collected, Version: version, ChangedAt: start}
}

func TestMirrorTakesWhatIsNewer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		person := knownPerson(t, db, 1, "P-1")
		lost := cardFact("C-1", "P-1", 3)
		lost.Social = card.SocialLoss
		mirror := func(facts ...card.Fact) map[models.CardRef]card.MirrorChange {
			t.Helper()
			changes, err := db.Cards().MirrorCards(ctx, facts, start)
			require.NoError(t, err)
			return changes
		}
		first := mirror(cardFact("C-1", "P-1", 2), cardFact("C-1", "P-1", 2), cardFact("C-9", "nobody", 1))
		require.Len(t, first, 2)
		require.False(t, first["C-1"].Stale, "a card new in this page, told twice, is news")
		require.False(t, first["C-1"].Known)
		require.True(t, first["C-9"].Orphan)
		id := first["C-1"].After.ID
		require.NotEmpty(t, id)

		second := mirror(cardFact("C-1", "P-1", 2), lost, cardFact("C-1", "P-1", 1))
		require.False(t, second["C-1"].Stale)
		require.True(t, second["C-1"].Known)
		require.EqualValues(t, 2, second["C-1"].Before.Version)
		require.EqualValues(t, 3, second["C-1"].After.Version)
		require.True(t, mirror(cardFact("C-1", "P-1", 2))["C-1"].Stale)
		require.True(t, mirror(lost)["C-1"].Stale, "the same version again")
		moved := cardFact("C-1", "nobody", 4)
		require.True(t, mirror(moved)["C-1"].Orphan)

		got, err := db.Cards().CardByRef(ctx, "C-1")
		require.NoError(t, err)
		require.Equal(t, card.Card{ID: id, Ref: "C-1", PersonID: person, NumberMask: "A*****123", Area: "410300", BankCode: "103",
			Social: card.SocialLoss, Financial: card.FinancialActive, Holding: card.Collected, Version: 3, NextSeq: 1, ChangedAt: start, ReceivedAt: start}, got)
		_, err = db.Cards().CardByRef(ctx, "C-9")
		require.ErrorIs(t, err, models.ErrNotFound)
	})
}

func TestCardSeqIsGivenOutOnceAndTheAnsweredVersionOnlyGrows(t *testing.T) {
	t.Parallel()
	eachLoss(t, func(t *testing.T, r *lossRig) {
		ctx := t.Context()
		seen := make(chan int64, 10)
		for _, err := range together(repeated(10, func() error {
			seq, err := r.db.Cards().TakeSeq(ctx, r.card)
			seen <- seq
			return err
		})...) {
			require.NoError(t, err)
		}
		close(seen)
		all := map[int64]bool{}
		for s := range seen {
			all[s] = true
		}
		require.Len(t, all, 10)
		require.True(t, all[1] && all[10])
		_, err := r.db.Cards().TakeSeq(ctx, models.NewID())
		require.ErrorIs(t, err, models.ErrNotFound)
		for _, v := range []int64{5, 3, 7, 6} {
			require.NoError(t, r.db.Cards().SetAnsweredVersion(ctx, r.card, v))
		}
		c, err := r.db.Cards().Card(ctx, r.card)
		require.NoError(t, err)
		require.EqualValues(t, 7, c.AnsweredVersion)
	})
}

func TestALossReportIsWrittenWhole(t *testing.T) {
	t.Parallel()
	eachLoss(t, func(t *testing.T, r *lossRig) {
		ctx, cards := t.Context(), r.db.Cards()
		full := card.LossReport{ID: models.NewID(), Receipt: models.ReceiptNumber(start, 7), PersonID: r.wang, CardID: r.card,
			State: card.LossUnconfirmed, Version: 4, Source: "phone", ReportedBy: models.AgentActor, CallID: models.NewID(), Strength: "full",
			Kind: card.LossFormal, RegistryRef: "GS1", RefusedCode: "X", EndedBy: "window", ReportedAt: start, EffectiveAt: start.Add(time.Microsecond),
			EndedAt: start.Add(2 * time.Second), ExpiresAt: start.Add(3 * time.Second), WaitingSince: start.Add(4 * time.Second),
			AlarmedAt: start.Add(5 * time.Second), ReassertAt: start.Add(6 * time.Second), WarnedOn: "2021-12-20", UpdatedAt: start.Add(7 * time.Second)}
		require.NoError(t, cards.CreateLossReport(ctx, full))
		got, err := cards.LossReport(ctx, full.ID)
		require.NoError(t, err)
		require.Equal(t, full, got)

		second := full
		second.ID, second.Receipt = models.NewID(), models.ReceiptNumber(start, 8)
		require.ErrorIs(t, cards.CreateLossReport(ctx, second), card.ErrLossOpen)

		bare := card.LossReport{ID: full.ID, Receipt: full.Receipt, PersonID: full.PersonID, CardID: full.CardID, ReportedAt: full.ReportedAt,
			State: card.LossWithdrawn, Version: 4, UpdatedAt: start}
		for _, wrong := range []func(r *card.LossReport){func(r *card.LossReport) { r.Version = 3 }, func(r *card.LossReport) { r.Version = 5 }, func(r *card.LossReport) { r.ID = models.NewID() }} {
			other := bare
			wrong(&other)
			require.ErrorIs(t, cards.AdvanceLossReport(ctx, other, card.LossUnconfirmed), models.ErrConflict)
		}
		require.ErrorIs(t, cards.AdvanceLossReport(ctx, bare, card.LossReceived), models.ErrConflict)
		require.NoError(t, cards.AdvanceLossReport(ctx, bare, card.LossUnconfirmed))
		got, err = cards.LossReport(ctx, full.ID)
		require.NoError(t, err)
		bare.Version = 5
		require.Equal(t, bare, got, "what is empty is written as empty")

		require.NoError(t, cards.CreateLossReport(ctx, second), "a closed report makes room")
		third := second
		third.ID, third.CardID = models.NewID(), r.card
		third.State = card.LossRefused
		require.ErrorIs(t, cards.CreateLossReport(ctx, third), models.ErrConflict, "a receipt number is given once")
	})
}

func TestOneUnfinishedCommandPerCard(t *testing.T) {
	t.Parallel()
	eachLoss(t, func(t *testing.T, r *lossRig) {
		ctx, cards := t.Context(), r.db.Cards()
		loss := card.Command{ID: models.NewID(), Kind: card.CommandLoss, PersonID: r.wang, PersonRef: "P-1", CardID: r.card, CardRef: lossRef,
			SubjectID: models.NewID(), CardSeq: 1, LossKind: card.LossTemporary, Channel: models.WechatOA, State: card.CommandRequested,
			NotAfter: start.Add(time.Minute), DueAt: start, CreatedAt: start}
		require.NoError(t, cards.AddCommand(ctx, loss))
		got, err := cards.Command(ctx, loss.ID)
		require.NoError(t, err)
		require.Equal(t, loss, got)
		release := loss
		release.ID, release.Kind, release.CardSeq = models.NewID(), card.CommandRelease, 2
		require.ErrorIs(t, cards.AddCommand(ctx, release), models.ErrConflict)

		leased, err := cards.LeaseCommand(ctx, loss, start, start.Add(4*time.Second))
		require.NoError(t, err)
		require.Equal(t, 1, leased.Attempt)
		_, err = cards.LeaseCommand(ctx, loss, start, start.Add(4*time.Second))
		require.ErrorIs(t, err, models.ErrConflict)
		_, err = cards.LeaseCommand(ctx, leased, start.Add(time.Second), start.Add(5*time.Second))
		require.ErrorIs(t, err, models.ErrConflict, "the lease is another's until it ends")
		due, err := cards.DueCommands(ctx, start.Add(3*time.Second), 5)
		require.NoError(t, err)
		require.Empty(t, due)
		again, err := cards.LeaseCommand(ctx, leased, start.Add(4*time.Second), start.Add(8*time.Second))
		require.NoError(t, err)

		done := leased
		done.State, done.SettledAt, done.Reference, done.Code, done.LeaseEnds = card.CommandConfirmed, start.Add(time.Second), "GS1", "00", time.Time{}
		require.ErrorIs(t, cards.SettleCommand(ctx, done, card.CommandSending), models.ErrConflict, "an answer counts for its own attempt")
		done.Attempt = again.Attempt
		require.NoError(t, cards.SettleCommand(ctx, done, card.CommandSending))
		r.Meter.Settled.Add(1) // past the use case
		got, err = cards.Command(ctx, loss.ID)
		require.NoError(t, err)
		require.Equal(t, done, got)

		require.NoError(t, cards.AddCommand(ctx, release), "a settled one makes room")
		sameSeq := release
		sameSeq.ID, sameSeq.State = models.NewID(), card.CommandExpired
		require.ErrorIs(t, cards.AddCommand(ctx, sameSeq), models.ErrConflict, "a card_seq is used once")

		_, err = cards.SupersededRelease(ctx, r.card)
		require.ErrorIs(t, err, models.ErrNotFound)
		gone := release
		gone.State = card.CommandSuperseded
		require.NoError(t, cards.SettleCommand(ctx, gone, card.CommandRequested))
		last, err := cards.SupersededRelease(ctx, r.card)
		require.NoError(t, err)
		require.Equal(t, release.ID, last.ID)
	})
}

func TestDueCommandsPutLossesFirst(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, cards := t.Context(), db.Cards()
		person := knownPerson(t, db, 1, "P-1")
		want := map[card.CommandKind]int{card.CommandLoss: 0, card.CommandRelease: 1, card.CommandApplication: 2}
		for kind, n := range want {
			c := card.Command{ID: models.NewID(), Kind: kind, PersonID: person, PersonRef: "P-1", SubjectID: models.NewID(), State: card.CommandRequested,
				NotAfter: start, DueAt: start.Add(-time.Duration(n) * time.Minute), CreatedAt: start}
			if kind != card.CommandApplication {
				ref := models.CardRef("C-" + string(kind))
				changes, err := cards.MirrorCards(ctx, []card.Fact{cardFact(ref, "P-1", 1)}, start)
				require.NoError(t, err)
				c.CardID, c.CardRef, c.CardSeq = changes[ref].After.ID, ref, 1
			}
			require.NoError(t, cards.AddCommand(ctx, c))
		}
		due, err := cards.DueCommands(ctx, cardtest.Start, 10)
		require.NoError(t, err)
		require.Len(t, due, 3)
		for i, id := range due {
			c, err := cards.Command(ctx, id)
			require.NoError(t, err)
			require.Equal(t, i, want[c.Kind])
		}
	})
}
