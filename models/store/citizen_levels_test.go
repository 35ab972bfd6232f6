package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
	"onecard/models/store"
)

func TestR67_ACodeToAPhoneNeverRaisesToReal(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.bound(t, "o-1", wang())
		require.Equal(t, models.LevelPhone, by.LevelAt(r.clock.Now()))
		require.Error(t, r.Unbind(t.Context(), by), "what needs fresh is refused")
		r.clock.Advance(time.Hour)
		again, _ := r.logIn(t, "o-1")
		require.Equal(t, by.ID, again.ID)
		require.Equal(t, models.LevelPhone, again.Level)
	})
}

func TestR67_ACheckMakesASessionFreshForTenMinutesFromItsBeginning(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.bound(t, "o-1", wang())
		ticket, err := r.BeginCheck(t.Context(), by)
		require.NoError(t, err)
		require.Equal(t, "王建国", r.face.begun[0].Name.Reveal(), "the person asked about is the registry's, not the client's")
		r.clock.Advance(3 * time.Minute)

		r.face.result = citizen.FacePending
		_, err = r.FinishCheck(t.Context(), by, ticket.CheckID)
		require.ErrorIs(t, err, citizen.ErrCheckPending)
		stranger := r.readyToBind(t, "o-2")
		r.face.result = citizen.FacePassed
		_, err = r.FinishCheck(t.Context(), stranger, ticket.CheckID)
		require.ErrorIs(t, err, models.ErrNotFound)

		raised, err := r.FinishCheck(t.Context(), by, ticket.CheckID)
		require.NoError(t, err)
		_, err = r.Authenticate(t.Context(), "oc1.x.y")
		require.ErrorIs(t, err, citizen.ErrSessionInvalid)
		now := r.actor(t, raised.Token)
		require.Equal(t, by.SessionID, now.SessionID, "the same session under a new secret")
		require.Equal(t, models.LevelFresh, now.LevelAt(r.clock.Now()))
		require.Equal(t, start, now.CheckedAt)
		r.clock.Advance(7*time.Minute + time.Second)
		require.Equal(t, models.LevelReal, now.LevelAt(r.clock.Now()))

		replay, err := r.FinishCheck(t.Context(), now, ticket.CheckID)
		require.NoError(t, err)
		require.Empty(t, replay.Token.Reveal())
		require.Equal(t, start, replay.Session.CheckedAt, "finishing again makes nothing fresh again")
	})
}

func TestR67_OldTokenIsDeadOnceTheLevelRose(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by, in := r.logIn(t, "o-1")
		r.consent(t, by, citizen.PurposePrivacyNotice)
		_, err := r.RequestBindingCode(t.Context(), by, wang())
		require.NoError(t, err)
		_, err = r.ConfirmBinding(t.Context(), by, r.sms.code(notice.Code))
		require.NoError(t, err)
		_, err = r.Authenticate(t.Context(), in.Token.Reveal())
		require.ErrorIs(t, err, citizen.ErrSessionInvalid)
	})
}

func TestR67_AFailedOrForgottenCheckCountsForNothing(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.bound(t, "o-1", wang())
		ticket, err := r.BeginCheck(t.Context(), by)
		require.NoError(t, err)
		r.face.result = citizen.FaceFailed
		_, err = r.FinishCheck(t.Context(), by, ticket.CheckID)
		require.ErrorIs(t, err, citizen.ErrCheckNotPassed)
		r.face.result = citizen.FacePassed
		_, err = r.FinishCheck(t.Context(), by, ticket.CheckID)
		require.ErrorIs(t, err, citizen.ErrCheckNotPassed, "a failure is final")

		late, err := r.BeginCheck(t.Context(), by)
		require.NoError(t, err)
		r.clock.Advance(citizen.CheckLife)
		_, err = r.FinishCheck(t.Context(), by, late.CheckID)
		require.ErrorIs(t, err, citizen.ErrCheckOver)
	})
}

func TestR52_ARealPersonCheckBindsAtLevelReal(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.readyToBind(t, "o-1")
		_, err := r.BeginBindingCheck(t.Context(), by, citizen.Claim{Name: "王建华", IDNumber: wangID})
		require.Equal(t, citizen.ErrIdentityNotMatched, err)
		require.Empty(t, r.face.begun, "nobody's face is shown for a claim that is wrong")
		ticket, err := r.BeginBindingCheck(t.Context(), by, wang())
		require.NoError(t, err)
		r.face.result = citizen.FacePassed
		n, _ := countWins(atOnce(4, func(int) error {
			raised, err := r.FinishCheck(t.Context(), by, ticket.CheckID)
			if err == nil && raised.Token == "" {
				return models.ErrConflict // answered, but nothing gained
			}
			return err
		}))
		require.Equal(t, 1, n)
		again, _ := r.logIn(t, "o-1")
		require.Equal(t, models.LevelReal, again.Level)
		require.True(t, again.CheckedAt.IsZero(), "a new log-in is not a check")
	})
}

func TestR52_ASlipWorksOnceForItsPerson(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		_, _, err := r.IssueSlip(t.Context(), models.Actor{Kind: models.AgentActor, Channel: models.Phone12333}, citizen.IssueSlipInput{Name: "王建国", IDNumber: wangID})
		require.ErrorIs(t, err, models.ErrForbidden, "nobody's papers are seen on the telephone")
		slip, code, err := r.IssueSlip(t.Context(), models.System(), citizen.IssueSlipInput{Name: "王建国", IDNumber: wangID, OutletID: "X"})
		require.NoError(t, err)
		require.Regexp(t, `^[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}$`, code)
		require.NotContains(t, slip.CodeHash, code)

		r.clock.Advance(4 * time.Minute)
		wrong := r.readyToBind(t, "o-wrong")
		_, err = r.RedeemSlip(t.Context(), wrong, code, liID)
		require.ErrorIs(t, err, citizen.ErrCodeInvalid, "another person's slip")
		callers := make([]models.Actor, 5)
		for i := range callers {
			callers[i] = r.readyToBind(t, "o-"+string(rune('a'+i)))
		}
		raised := make([]citizen.Raised, len(callers))
		n, others := countWins(atOnce(len(callers), func(i int) (err error) {
			raised[i], err = r.RedeemSlip(t.Context(), callers[i], " "+code, wangID)
			return err
		}))
		require.Equal(t, 1, n)
		for _, err := range others {
			require.ErrorIs(t, err, citizen.ErrCodeInvalid)
		}
		for _, one := range raised {
			if one.Token == "" {
				continue
			}
			by := r.actor(t, one.Token)
			require.Equal(t, models.LevelFresh, by.LevelAt(r.clock.Now()), "the window saw the person four minutes ago")
			require.Equal(t, start, by.CheckedAt)
		}
	})
}

func TestR67_BorrowedPhoneCountsAsTheHolderForFifteenMinutesAndBindsNothing(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		neighbour := r.bound(t, "o-neighbour", citizen.Claim{Name: "李雪梅", IDNumber: liID, Phone: "13900000002"})
		sent := len(r.sms.drafts)
		_, err := r.BeginBorrowing(t.Context(), neighbour, wang(), nil)
		require.ErrorIs(t, err, citizen.ErrConsentRequired, "the neighbour's consent is not the holder's (R53)")
		ticket, err := r.BeginBorrowing(t.Context(), neighbour, wang(), map[citizen.Purpose]string{
			citizen.PurposePrivacyNotice: "2021-11-01", citizen.PurposeFace: "2021-11-01",
		})
		require.NoError(t, err)
		r.face.result = citizen.FacePassed
		lent, err := r.FinishCheck(t.Context(), neighbour, ticket.CheckID)
		require.NoError(t, err)
		holder := r.actor(t, lent.Token)
		require.True(t, holder.ForSelf())
		require.NotEqual(t, neighbour.ID, holder.ID)
		require.Empty(t, holder.AccountID)
		require.Equal(t, models.LevelFresh, holder.LevelAt(r.clock.Now()))
		_, err = r.RequestBindingCode(t.Context(), holder, wang())
		require.ErrorIs(t, err, citizen.ErrBorrowedPhone)
		require.ErrorIs(t, r.Unbind(t.Context(), holder), citizen.ErrBorrowedPhone)
		accounts, err := r.db.PlatformAccounts().AccountsOf(t.Context(), holder.ID)
		require.NoError(t, err)
		require.Empty(t, accounts)
		require.Len(t, r.sms.drafts, sent, "nothing is sent")
		_, err = r.FinishCheck(t.Context(), neighbour, ticket.CheckID)
		require.ErrorIs(t, err, citizen.ErrCheckOver, "its token is given once")

		r.clock.Advance(15 * time.Minute)
		_, err = r.Authenticate(t.Context(), lent.Token.Reveal())
		require.ErrorIs(t, err, citizen.ErrSessionInvalid)
	})
}

func TestR53_NothingSensitiveWithoutItsOwnConsent(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by, _ := r.logIn(t, "o-1")
		_, err := r.RequestBindingCode(t.Context(), by, wang())
		require.ErrorIs(t, err, citizen.ErrConsentRequired, "the notice comes first")
		r.consent(t, by, citizen.PurposePrivacyNotice)
		_, err = r.BeginBindingCheck(t.Context(), by, wang())
		require.ErrorIs(t, err, citizen.ErrConsentRequired, "the notice is no consent to face data")
		_, err = r.GiveConsent(t.Context(), by, citizen.PurposeFace, "1999")
		require.ErrorIs(t, err, citizen.ErrConsentVersion)
		r.consent(t, by, citizen.PurposeFace)
		_, err = r.RequestBindingCode(t.Context(), by, wang())
		require.NoError(t, err)
		raised, err := r.ConfirmBinding(t.Context(), by, r.sms.code(notice.Code))
		require.NoError(t, err)

		me := r.actor(t, raised.Token)
		require.NoError(t, r.RequireConsent(t.Context(), me, "face"), "what was agreed to before binding is the person's now")
		require.ErrorIs(t, r.RequireConsent(t.Context(), me, "id_images"), citizen.ErrConsentRequired)
		r.consent(t, me, citizen.PurposeIDImages)
		require.NoError(t, r.RequireConsent(t.Context(), me, "id_images"))
		require.NoError(t, r.WithdrawConsent(t.Context(), me, citizen.PurposeIDImages))
		require.ErrorIs(t, r.RequireConsent(t.Context(), me, "id_images"), citizen.ErrConsentRequired)
		require.ErrorIs(t, r.WithdrawConsent(t.Context(), me, citizen.PurposePrivacyNotice), citizen.ErrConsentKept)
		states, err := r.ListConsents(t.Context(), me)
		require.NoError(t, err)
		require.Len(t, states, len(citizen.Documents))
		require.Equal(t, me.ID, states[1].Given.GivenBy)
		require.Equal(t, citizen.BasisConsent, states[1].Given.Basis)
	})
}

func TestR53_Under14TheGuardianConsentsAnd15ConsentsAlone(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		child := r.bound(t, "o-child", citizen.Claim{Name: "王小宝", IDNumber: childID, Phone: "13900000003"}) // 11 years old
		_, err := r.GiveConsent(t.Context(), child, citizen.PurposeIDImages, "2021-11-01")
		require.ErrorIs(t, err, citizen.ErrConsentRequired)
		_, err = r.BeginCheck(t.Context(), child)
		require.ErrorIs(t, err, citizen.ErrConsentRequired, "what the child agreed to before binding counts for nothing sensitive")

		r.registry.mu.Lock()
		f := r.registry.facts[childID]
		f.Guardians = []models.PersonRef{"P-1"}
		r.registry.facts[childID] = f
		r.registry.mu.Unlock()
		guardian := r.guardianOf(t, r.fresh(t, "o-1", wang()), citizen.Claim{Name: "王小宝", IDNumber: childID})
		require.ErrorIs(t, r.RequireConsent(t.Context(), guardian, "id_images"), citizen.ErrConsentRequired)
		r.consent(t, guardian, citizen.PurposeIDImages)
		require.NoError(t, r.RequireConsent(t.Context(), guardian, "id_images"))
		require.NoError(t, r.RequireConsent(t.Context(), child, "id_images"))

		r.clock.Set(time.Date(2025, 7, 1, 2, 0, 0, 0, time.UTC)) // 15 now
		grown, _ := r.logIn(t, "o-child")
		r.consent(t, grown, citizen.PurposeBankData)
		require.NoError(t, r.RequireConsent(t.Context(), grown, "bank_data"))
	})
}

// dump is a table as text, blobs as they are.
func dump(t *testing.T, db *store.DB, table string) string {
	t.Helper()
	rows, err := db.SQL().QueryContext(t.Context(), "SELECT * FROM "+table)
	require.NoError(t, err)
	defer rows.Close()
	return scanAll(t, rows)
}
