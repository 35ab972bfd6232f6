package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
)

func TestR23_TheRegistrysHouseholdProvesAGuardianAtOnce(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		guardian, child := r.family(t, "2010-06-15")
		weak := guardian
		weak.Level = models.LevelPhone
		_, err := r.AddDependant(t.Context(), weak, citizen.AddDependantInput{Claim: child})
		require.Equal(t, models.Forbidden, models.KindOf(err), "level real")

		rel, err := r.AddDependant(t.Context(), guardian, citizen.AddDependantInput{Claim: child})
		require.NoError(t, err)
		require.Equal(t, citizen.RelationProved, rel.State)
		require.Equal(t, citizen.ByRegistry, rel.Proof)
		again, err := r.AddDependant(t.Context(), guardian, citizen.AddDependantInput{Claim: child})
		require.NoError(t, err)
		require.Equal(t, rel.ID, again.ID, "a repeat is the first")
		require.Equal(t, 1, r.told(t, guardian.ID, notice.GuardianProved))

		list, err := r.Dependants(t.Context(), guardian)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, 11, list[0].Age)
		require.Contains(t, list[0].Other.Name.String(), "*", "masked")
		require.Len(t, list[0].Told, 2, "who is told what is shown before anything is sent")
		require.True(t, list[0].Told[0].Routine)
		require.False(t, list[0].Told[1].Routine, "under 14 the guardian alone, by default")

		log, err := r.db.AccessLog().AccessEntries(t.Context(), rel.SubjectID, "", 10)
		require.NoError(t, err)
		require.NotEmpty(t, log, "the child's access log shows who became guardian")
	})
}

func TestR23_WhoIsNoGuardianReadsOneAnswerAndShowsTheHouseholdBook(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		guardian, _ := r.family(t, "2010-06-15")
		others := r.citizenWho(t, 2, "2012-02-02", "P-2")
		unknown := citizen.Claim{Name: "张三乙", IDNumber: numberOf("2012-02-02", 77)}
		wrong := others
		wrong.Name = "李四"
		for name, c := range map[string]citizen.Claim{"of others": others, "unknown": unknown, "wrong name": wrong} {
			_, err := r.AddDependant(t.Context(), guardian, citizen.AddDependantInput{Claim: c})
			require.ErrorIs(t, err, citizen.ErrDependantNotProved, name)
		}
		_, err := r.AddDependant(t.Context(), guardian, citizen.AddDependantInput{Claim: r.citizenWho(t, 3, "2005-12-20")})
		require.ErrorIs(t, err, citizen.ErrDependantOfAge, "16 today: she acts herself")

		front, page := models.NewID(), models.NewID()
		book := citizen.AddDependantInput{Claim: others, BookFront: front, BookChild: page}
		_, err = r.AddDependant(t.Context(), guardian, book)
		require.ErrorIs(t, err, citizen.ErrConsentRequired, "R53: pictures of papers")
		r.consent(t, guardian, citizen.PurposeIDImages)
		rel, err := r.AddDependant(t.Context(), guardian, book)
		require.NoError(t, err)
		require.Equal(t, citizen.RelationRequested, rel.State)
		require.ElementsMatch(t, []string{"household_front:" + string(front) + ":" + string(rel.ID), "household_page:" + string(page) + ":" + string(rel.ID)}, r.pictures)
		_, err = r.ActFor(t.Context(), guardian, citizen.ActingFor{Relation: rel.ID, May: []models.Capacity{models.AsGuardian}})
		require.ErrorIs(t, err, citizen.ErrRelationWaits)
		shown, err := r.Dependants(t.Context(), guardian)
		require.NoError(t, err)
		require.Empty(t, shown[0].Told, "the phone of a child who is not hers yet stays hidden")

		r.clock.Advance(24 * time.Hour)
		for range 4 {
			_, err = r.AddDependant(t.Context(), guardian, citizen.AddDependantInput{Claim: unknown})
			require.ErrorIs(t, err, citizen.ErrDependantNotProved)
		}
		_, err = r.AddDependant(t.Context(), guardian, citizen.AddDependantInput{Claim: unknown})
		require.ErrorIs(t, err, citizen.ErrDependantNotProved)
		_, err = r.AddDependant(t.Context(), guardian, citizen.AddDependantInput{Claim: unknown})
		require.ErrorIs(t, err, citizen.ErrRelativeTries, "nobody tries numbers through")
	})
}

func TestR23_AReviewerLooksAtTheBookAndDecidesOnce(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		guardian, _ := r.family(t, "2010-06-15")
		r.consent(t, guardian, citizen.PurposeIDImages)
		request := func(n int) citizen.Relation {
			rel, err := r.AddDependant(t.Context(), guardian, citizen.AddDependantInput{
				Claim: r.citizenWho(t, n, "2012-02-02"), BookFront: models.NewID(), BookChild: models.NewID()})
			require.NoError(t, err)
			return rel
		}
		one, two := request(4), request(5)
		staff := models.Actor{Kind: models.AgentActor, ID: models.NewID(), Channel: models.Phone12333}
		refused := models.NewError(models.Forbidden, "NOT_PERMITTED", "没有权限,或拨打12333。")
		r.Calls = callAs{refusal: refused}
		_, err := r.HouseholdPage(t.Context(), staff, one.ID, "front")
		require.ErrorIs(t, err, refused)
		_, err = r.ReviewGuardianship(t.Context(), staff, one.ID, true, "")
		require.ErrorIs(t, err, refused)

		r.Calls = callAs{}
		list, err := r.GuardianshipsToReview(t.Context(), staff, "", 10)
		require.NoError(t, err)
		require.Len(t, list, 2)
		page, err := r.HouseholdPage(t.Context(), staff, one.ID, "child")
		require.NoError(t, err)
		require.Equal(t, "page", string(page))
		for _, bad := range []struct {
			prove  bool
			reason string
		}{{true, "NOT_GUARDIAN"}, {false, ""}, {false, "BECAUSE"}} {
			_, err = r.ReviewGuardianship(t.Context(), staff, one.ID, bad.prove, bad.reason)
			require.ErrorIs(t, err, citizen.ErrReviewReason)
		}
		wins, others := countWins(atOnce(6, func(i int) error {
			_, err := r.ReviewGuardianship(t.Context(), staff, one.ID, i%2 == 0, []string{"", "NOT_GUARDIAN"}[i%2])
			return err
		}))
		require.Equal(t, 1, wins, "%v", others)
		_, err = r.ReviewGuardianship(t.Context(), staff, two.ID, false, "BOOK_UNCLEAR")
		require.NoError(t, err)
		require.Equal(t, citizen.RelationRefused, r.relation(t, two.ID).State)
		require.GreaterOrEqual(t, r.told(t, guardian.ID, notice.GuardianRefused), 1)
		_, err = r.HouseholdPage(t.Context(), staff, two.ID, "front")
		require.ErrorIs(t, err, citizen.ErrPageUnknown, "nobody looks at it again")

		n, err := r.DropBooks(t.Context(), 30*24*time.Hour, 10)
		require.NoError(t, err)
		require.Zero(t, n)
		r.clock.Advance(31 * 24 * time.Hour)
		n, err = r.DropBooks(t.Context(), 30*24*time.Hour, 10)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		require.Empty(t, r.relation(t, two.ID).BookFront)
		require.Contains(t, r.pictures, "drop:"+string(two.BookFront)+":"+string(two.ID))
	})
}

// The feed proves what was asked for, and ends what it no longer says; a book that staff looked at stands.
func TestR23_TheRegistrysNewsProvesAndEndsGuardianships(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		guardian, child := r.family(t, "2010-06-15")
		acting := r.guardianOf(t, guardian, child)
		r.happens(t, child, func(f *citizen.PersonFact) { f.District = "410305" })
		require.Equal(t, citizen.RelationProved, r.relation(t, acting.Relation).State)
		r.happens(t, child, func(f *citizen.PersonFact) { f.Guardians = []models.PersonRef{"P-2"} })
		ended := r.relation(t, acting.Relation)
		require.Equal(t, citizen.RelationEnded, ended.State)
		require.Equal(t, string(citizen.RegistryEnded), ended.ReasonCode)
		_, err := r.ActFor(t.Context(), guardian, citizen.ActingFor{Relation: acting.Relation, May: []models.Capacity{models.AsGuardian}})
		require.ErrorIs(t, err, citizen.ErrRelationOver, "present guardianship, looked at with every request")
		require.ErrorIs(t, r.db.InTx(t.Context(), func(ctx txContext) error { return r.StillActsFor(ctx, acting) }), citizen.ErrRelationOver)
		require.Equal(t, 1, r.told(t, guardian.ID, notice.RelationEnded))

		r.consent(t, guardian, citizen.PurposeIDImages)
		waits, err := r.AddDependant(t.Context(), guardian, citizen.AddDependantInput{Claim: child, BookFront: models.NewID(), BookChild: models.NewID()})
		require.NoError(t, err)
		require.Equal(t, citizen.RelationRequested, waits.State)
		r.happens(t, child, func(f *citizen.PersonFact) { f.Guardians = []models.PersonRef{"P-2", "P-1"} })
		require.Equal(t, citizen.RelationProved, r.relation(t, waits.ID).State)
		r.happens(t, child, func(f *citizen.PersonFact) { f.LivingStatus = citizen.Deceased })
		require.Equal(t, citizen.RelationEnded, r.relation(t, waits.ID).State)
	})
}

// From 14 on a child was told that somebody may act for her: she is told that this is over, by the registry or by the
// guardian's own hand. A younger one is not.
func TestR23_AChildOfFourteenIsToldThatAGuardianshipIsOver(t *testing.T) {
	t.Parallel()
	ends := map[string]func(t *testing.T, r *citizenRig, guardian models.Actor, child citizen.Claim, id models.ID){
		"by the registry": func(t *testing.T, r *citizenRig, _ models.Actor, child citizen.Claim, _ models.ID) {
			r.happens(t, child, func(f *citizen.PersonFact) { f.Guardians = []models.PersonRef{"P-2"} })
		},
		"by the guardian": func(t *testing.T, r *citizenRig, guardian models.Actor, _ citizen.Claim, id models.ID) {
			require.NoError(t, r.EndRelation(t.Context(), guardian, models.AsGuardian, id))
		},
	}
	for name, end := range ends {
		for born, want := range map[models.Date]int{"2007-12-20": 1, "2007-12-22": 0} {
			t.Run(name+" "+string(born), func(t *testing.T) {
				t.Parallel()
				eachCitizen(t, func(t *testing.T, r *citizenRig) {
					guardian, child := r.family(t, born)
					acting := r.guardianOf(t, guardian, child)
					end(t, r, guardian, child, acting.Relation)
					require.Equal(t, citizen.RelationEnded, r.relation(t, acting.Relation).State)
					require.Equal(t, want, r.told(t, acting.Subject, notice.RelationEnded))
				})
			})
		}
	}
}

// R23: the 16th birthday ends it at its first moment in Luoyang, swept or not; both are told, once.
func TestR23_AGuardianshipEndsByItselfOnThe16thBirthday(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		guardian, child := r.family(t, "2005-12-22")
		acting := r.guardianOf(t, guardian, child)
		still := func() error {
			return r.db.InTx(t.Context(), func(ctx txContext) error { return r.StillActsFor(ctx, acting) })
		}
		r.clock.Set(shanghai(t, "2021-12-21 23:59:59"))
		require.NoError(t, still(), "15 for one second more")
		n, err := r.SettleRelations(t.Context(), 10)
		require.NoError(t, err)
		require.Zero(t, n)
		r.clock.Set(shanghai(t, "2021-12-22 00:00:00"))
		require.ErrorIs(t, still(), citizen.ErrDependantOfAge, "even before the sweep")
		wins, others := countWins(atOnce(4, func(int) error {
			_, err := r.SettleRelations(t.Context(), 10)
			return err
		}))
		require.Equal(t, 4, wins, "%v", others)
		ended := r.relation(t, acting.Relation)
		require.Equal(t, citizen.RelationEnded, ended.State)
		require.Equal(t, string(citizen.CameOfAge), ended.ReasonCode)
		require.Equal(t, 1, r.told(t, guardian.ID, notice.GuardianOver))
		require.Equal(t, 1, r.told(t, ended.SubjectID, notice.OfAge))
		_, err = r.AddDependant(t.Context(), guardian, citizen.AddDependantInput{Claim: child})
		require.ErrorIs(t, err, citizen.ErrDependantOfAge)
	})
}

// R23: who only said that she is the guardian never was: when nothing can come of it any more she alone hears of it. The
// child hears once that she is of age, however many guardians she had.
func TestR23_AnUnprovedClaimEndsForWhoMadeItAlone(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		child := r.citizenWho(t, 1, "2005-12-22", "P-1", "F-2")
		other := r.citizenWho(t, 5, "2006-02-01")
		father := r.guardianOf(t, r.fresh(t, "o-father", wang()), child)
		mother := r.guardianOf(t, r.fresh(t, "o-mother", r.citizenWho(t, 2, "1982-01-01")), child)
		uncle := r.fresh(t, "o-uncle", r.citizenWho(t, 3, "1975-01-01"))
		r.consent(t, uncle, citizen.PurposeIDImages)
		claims := func(of citizen.Claim) citizen.Relation {
			rel, err := r.AddDependant(t.Context(), uncle, citizen.AddDependantInput{Claim: of, BookFront: models.NewID(), BookChild: models.NewID()})
			require.NoError(t, err)
			require.Equal(t, citizen.RelationRequested, rel.State)
			return rel
		}
		first, second := claims(child), claims(other)
		r.clock.Set(shanghai(t, "2021-12-22 00:00:00"))
		n, err := r.SettleRelations(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, 3, n)
		require.Equal(t, citizen.RelationEnded, r.relation(t, first.ID).State)
		require.Zero(t, r.told(t, uncle.ID, notice.GuardianOver), "he never was one")
		require.Equal(t, 1, r.told(t, uncle.ID, notice.RelationEnded))
		require.Contains(t, r.sms.last(notice.RelationEnded).Params["reason"], "16")
		require.Equal(t, 1, r.told(t, father.ID, notice.GuardianOver))
		require.Equal(t, 1, r.told(t, mother.ID, notice.GuardianOver))
		require.Equal(t, 1, r.told(t, first.SubjectID, notice.OfAge), "once, of two guardians and a claim")

		r.happens(t, other, func(f *citizen.PersonFact) { f.LivingStatus = citizen.Deceased })
		require.Equal(t, citizen.RelationEnded, r.relation(t, second.ID).State)
		require.Equal(t, 2, r.told(t, uncle.ID, notice.RelationEnded))
		require.Zero(t, r.told(t, second.SubjectID, notice.RelationEnded))
	})
}

// A child of whom somebody only said that she is the guardian is told nothing of it on her 16th birthday.
func TestR23_AnUnprovedClaimTellsTheChildNothing(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		uncle := r.fresh(t, "o-uncle", r.citizenWho(t, 3, "1975-01-01"))
		r.consent(t, uncle, citizen.PurposeIDImages)
		rel, err := r.AddDependant(t.Context(), uncle, citizen.AddDependantInput{
			Claim: r.citizenWho(t, 5, "2005-12-22"), BookFront: models.NewID(), BookChild: models.NewID()})
		require.NoError(t, err)
		r.clock.Set(shanghai(t, "2021-12-22 00:00:00"))
		n, err := r.SettleRelations(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		told, err := r.db.Notices().NoticesOf(t.Context(), rel.SubjectID, "", 10)
		require.NoError(t, err)
		require.Empty(t, told)
	})
}

// The two thresholds are separate: 14 for who is told and who consents, 16 for who acts.
func TestR53_From14TheChildIsToldTooAndFrom16Alone(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		guardian, child := r.family(t, "2008-12-01") // 13
		acting := r.guardianOf(t, guardian, child)
		about := func(kind notice.Kind) map[models.ID]notice.Kind {
			drafts, err := r.Told(t.Context(), notice.Draft{Cause: "application:1:accepted", Kind: kind, PersonID: acting.Subject, Params: map[string]string{}})
			require.NoError(t, err)
			out := map[models.ID]notice.Kind{}
			for _, d := range drafts {
				out[d.PersonID] = d.Kind
				require.NoError(t, r.db.AddNotice(t.Context(), d), "each is a notice of its own")
			}
			return out
		}
		step := notice.ApplicationAccepted
		require.Equal(t, map[models.ID]notice.Kind{acting.ID: notice.GuardianProgress}, about(step))
		require.Equal(t, map[models.ID]notice.Kind{acting.ID: notice.GuardianLoss, acting.Subject: notice.LossEffective}, about(notice.LossEffective), "a loss goes to both")
		require.Equal(t, map[models.ID]notice.Kind{acting.ID: notice.GuardianProgress}, about(notice.FeeReceipt), "the paper of the child's fee")
		require.Equal(t, map[models.ID]notice.Kind{acting.ID: notice.GuardianProgress}, about(notice.ReplacementReady), "of the card that she ordered")
		view, err := r.ChooseRecipients(t.Context(), guardian, acting.Relation, citizen.TellBoth)
		require.NoError(t, err)
		require.True(t, view.Told[1].Routine)
		require.Equal(t, map[models.ID]notice.Kind{acting.ID: notice.GuardianProgress, acting.Subject: step}, about(step))
		_, err = r.ChooseRecipients(t.Context(), guardian, acting.Relation, citizen.TellGuardian)
		require.NoError(t, err)
		_, err = r.ChooseRecipients(t.Context(), guardian, acting.Relation, "nobody")
		require.ErrorIs(t, err, citizen.ErrRecipientsWrong)

		r.clock.Set(shanghai(t, "2022-12-01 00:00:00")) // 14 today
		require.Equal(t, map[models.ID]notice.Kind{acting.ID: notice.GuardianProgress, acting.Subject: step}, about(step), "whatever was chosen")
		guardian.CheckedAt = r.clock.Now()
		_, err = r.ChooseRecipients(t.Context(), guardian, acting.Relation, citizen.TellGuardian)
		require.ErrorIs(t, err, citizen.ErrChildIsToldToo)

		r.clock.Set(shanghai(t, "2024-12-01 00:00:00")) // 16 today
		require.Equal(t, map[models.ID]notice.Kind{acting.Subject: step}, about(step), "the hand-over: what is under way is told to the child alone")
	})
}
