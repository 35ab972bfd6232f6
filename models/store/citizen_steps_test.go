package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/citizen"
	"onecard/models/notice"
	"onecard/models/store"
)

// brokenAt is the store with one decision's audit row refused: the last step before its commit.
type brokenAt struct {
	*store.DB
	sms    *sentCodes
	action string
}

var errStep = errors.New("the step failed")

func (b *brokenAt) RecordAudit(ctx context.Context, e audit.Entry) error {
	if e.Action == b.action {
		return errStep
	}
	return b.DB.RecordAudit(ctx, e)
}

func (b *brokenAt) AddNotice(ctx context.Context, d notice.Draft) error {
	b.sms.note(d)
	return b.DB.AddNotice(ctx, d)
}

func TestABindingThatFailsAtItsLastStepLeavesEverythingAsItWas(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		broken := &brokenAt{DB: r.db, sms: r.sms}
		r.Decisions = broken
		by := r.readyToBind(t, "o-1")
		_, err := r.RequestBindingCode(t.Context(), by, wang())
		require.NoError(t, err)
		code := r.sms.code(notice.Code)
		broken.action = "citizen.account.bound"
		_, err = r.ConfirmBinding(t.Context(), by, code)
		require.ErrorIs(t, err, errStep)
		session, err := r.db.Sessions().Session(t.Context(), by.SessionID)
		require.NoError(t, err)
		require.Empty(t, session.PersonID)
		account, err := r.db.PlatformAccounts().Account(t.Context(), by.AccountID)
		require.NoError(t, err)
		require.False(t, account.Bound())

		broken.action = ""
		raised, err := r.ConfirmBinding(t.Context(), by, code)
		require.NoError(t, err, "the code was not used up")

		me := r.actor(t, raised.Token)
		ticket, err := r.BeginCheck(t.Context(), me)
		require.NoError(t, err)
		r.face.result = citizen.FacePassed
		broken.action = "citizen.account.checked"
		_, err = r.FinishCheck(t.Context(), me, ticket.CheckID)
		require.ErrorIs(t, err, errStep)
		broken.action = ""
		_, err = r.FinishCheck(t.Context(), me, ticket.CheckID)
		require.NoError(t, err, "the check was not spent")
	})
}

func TestOneselfListsEveryAccountAndMasksEverything(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.fresh(t, "o-1", wang())
		me, err := r.ShowMe(t.Context(), by)
		require.NoError(t, err)
		require.Len(t, me.Accounts, 1)
		require.Equal(t, "王*国", me.Person.Name.String())
		require.NoError(t, r.NameDevice(t.Context(), by, " 客厅平板 "))
		require.ErrorIs(t, r.NameDevice(t.Context(), by, " "), citizen.ErrNothingToChange)
		list, err := r.ListSessions(t.Context(), by)
		require.NoError(t, err)
		require.Equal(t, "客厅平板", list[0].Device)
		audits, err := r.db.AuditAbout(t.Context(), by.ID, start, 100)
		require.NoError(t, err)
		for _, e := range audits {
			require.NotContains(t, e.ObjectID+e.Result, wangID)
		}
		_, err = r.RevealMe(t.Context(), by)
		require.NoError(t, err)
		audits, err = r.db.AuditOf(t.Context(), "persons", string(by.ID))
		require.NoError(t, err)
		require.Equal(t, "citizen.data.revealed", audits[len(audits)-1].Action)
	})
}

func TestForgettingTakesWhatHadItsTimeAndNothingElse(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.fresh(t, "o-1", wang())
		_, err := r.BeginAuthorization(t.Context(), models.WechatOA, "")
		require.NoError(t, err)
		_, err = r.RequestBindingCode(t.Context(), r.readyToBind(t, "o-2"), citizen.Claim{Name: "王建华", IDNumber: wangID, Phone: wangPhone})
		require.Error(t, err)
		require.NoError(t, r.Forget(t.Context()))
		tables := []string{"one_time_codes", "code_budgets", "bind_tries", "authorizations", "sessions", "identity_checks"}
		for _, table := range tables {
			require.NotEmpty(t, dump(t, r.db, table), table)
		}
		r.clock.Advance(100 * 24 * time.Hour)
		require.NoError(t, r.Forget(t.Context()))
		for _, table := range tables {
			require.Empty(t, dump(t, r.db, table), table)
		}
		again, _ := r.logIn(t, "o-1")
		require.Equal(t, by.ID, again.ID, "the binding stays")
		require.NoError(t, r.RequireConsent(t.Context(), again, "face"), "and so do the consents")
	})
}

func TestAChangeOfPhoneThatCannotBeReadKeepsNobodyElseWaiting(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		var people []models.ID
		for i, who := range []citizen.Claim{wang(), {Name: "李雪梅", IDNumber: liID, Phone: "13900000002"}} {
			by := r.fresh(t, []string{"o-1", "o-2"}[i], who)
			_, _, err := r.RequestPhoneChange(t.Context(), by, []string{"13600000006", "13600000007"}[i], citizen.ChallengeAnswer{})
			require.NoError(t, err)
			_, err = r.ConfirmPhoneChange(t.Context(), by, r.sms.code(notice.CodePhoneChange))
			require.NoError(t, err)
			people = append(people, by.ID)
			r.clock.Advance(time.Minute)
		}
		_, err := r.db.SQL().ExecContext(t.Context(), "UPDATE phone_changes SET new_phone_sealed = '' WHERE person_id = '"+string(people[0])+"'")
		require.NoError(t, err)
		r.clock.Advance(25 * time.Hour)
		_, err = r.SettlePhoneChanges(t.Context(), 10)
		require.Error(t, err)
		p, err := r.db.Persons().Person(t.Context(), people[1])
		require.NoError(t, err)
		require.Equal(t, "13600000007", p.ReachedAt().Reveal())
	})
}

func TestOneLogInTooManyEndsTheOldestAndIsAudited(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		oldest, first := r.logIn(t, "o-1")
		for range 20 {
			r.clock.Advance(time.Second)
			r.logIn(t, "o-1")
		}
		_, err := r.Authenticate(t.Context(), first.Token.Reveal())
		require.ErrorIs(t, err, citizen.ErrSessionInvalid)
		live, err := r.ListSessions(t.Context(), oldest)
		require.NoError(t, err)
		require.Len(t, live, 20)
		entries, err := r.db.AuditOf(t.Context(), "sessions", string(oldest.SessionID))
		require.NoError(t, err)
		require.Equal(t, "replaced", entries[len(entries)-1].Result)
	})
}
