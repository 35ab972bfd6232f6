package store_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
)

func TestR67_ASessionIsARowThatCanBeListedAndEnded(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		phone := r.bound(t, "o-1", wang())
		r.clock.Advance(time.Hour)
		tablet, _ := r.logIn(t, "o-1")
		stranger, _ := r.logIn(t, "o-9")

		list, err := r.ListSessions(t.Context(), tablet)
		require.NoError(t, err)
		require.Len(t, list, 2)
		require.Equal(t, tablet.SessionID, list[0].ID)
		require.ErrorIs(t, r.EndSession(t.Context(), stranger, phone.SessionID), models.ErrNotFound)
		require.NoError(t, r.EndSession(t.Context(), tablet, phone.SessionID))
		require.ErrorIs(t, r.EndSession(t.Context(), tablet, phone.SessionID), models.ErrNotFound)
		require.NoError(t, r.LogOut(t.Context(), tablet))
		require.NoError(t, r.LogOut(t.Context(), tablet))
		list, err = r.ListSessions(t.Context(), tablet)
		require.NoError(t, err)
		require.Empty(t, list)
		list, err = r.ListSessions(t.Context(), stranger)
		require.NoError(t, err)
		require.Len(t, list, 1, "before binding, the account's own")
	})
}

func TestR67_RevocationCountsAtOnceAndACopyNeverOutlivesIt(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		copies := &fakeCopies{held: map[string]citizen.Session{}}
		r.Copies = copies
		by, in := r.logIn(t, "o-1")
		require.Len(t, copies.held, 1)
		statementless, count := r.db.CountStatements(t.Context())
		_, err := r.Authenticate(statementless, in.Token.Reveal())
		require.NoError(t, err)
		require.Zero(t, count.Statements(), "the copy answers")
		require.NoError(t, r.LogOut(t.Context(), by))
		require.Empty(t, copies.held)
		_, err = r.Authenticate(t.Context(), in.Token.Reveal())
		require.ErrorIs(t, err, citizen.ErrSessionInvalid)

		by, in = r.logIn(t, "o-2")
		copies.down = errors.New("redis is down")
		_, err = r.Authenticate(t.Context(), in.Token.Reveal())
		require.NoError(t, err, "with the copies gone nobody is logged out")
		require.NoError(t, r.LogOut(t.Context(), by))
		_, err = r.Authenticate(t.Context(), in.Token.Reveal())
		require.ErrorIs(t, err, citizen.ErrSessionInvalid)
	})
}

func TestR67_TokensThatAreNotOurs(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		_, in := r.logIn(t, "o-1")
		good := in.Token.Reveal()
		handle := strings.Split(good, ".")[1]
		for _, bad := range []string{
			"", "oc1", "oc1..", good + "x", good[:len(good)-1], strings.ToUpper(good), "oc2" + good[3:],
			"oc1." + strings.Repeat("0", 32) + good[len("oc1.")+32:], "oc1." + handle + "." + strings.Repeat("A", 43),
			"oc1." + handle + "." + strings.Repeat("%", 43), strings.Repeat("a", 1<<16),
		} {
			_, err := r.Authenticate(t.Context(), bad)
			require.ErrorIs(t, err, citizen.ErrSessionInvalid)
		}
		require.NotContains(t, dump(t, r.db, "sessions"), strings.Split(good, ".")[2], "only the hash of a secret is kept")
		r.clock.Advance(citizen.SessionLife)
		_, err := r.Authenticate(t.Context(), good)
		require.ErrorIs(t, err, citizen.ErrSessionInvalid)
	})
}

func TestAnAccountHoldsAtMostTwentySessions(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		_, first := r.logIn(t, "o-1")
		for range 20 {
			r.clock.Advance(time.Second)
			r.logIn(t, "o-1")
		}
		_, err := r.Authenticate(t.Context(), first.Token.Reveal())
		require.ErrorIs(t, err, citizen.ErrSessionInvalid)
	})
}

func TestAuthorizationWorksOnceForItsBrowserForTenMinutes(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		begin := func() citizen.AuthorizationBegun {
			b, err := r.BeginAuthorization(t.Context(), models.WechatOA, "")
			require.NoError(t, err)
			require.Contains(t, b.URL, b.State)
			require.NotContains(t, b.URL, b.Cookie)
			return b
		}
		finish := func(b citizen.AuthorizationBegun, change func(*citizen.FinishAuthorizationInput)) error {
			in := citizen.FinishAuthorizationInput{
				Platforms: []models.Channel{models.WechatOA}, State: b.State, Cookie: b.Cookie, Code: "code-oa",
			}
			change(&in)
			_, err := r.FinishAuthorization(t.Context(), in)
			return err
		}
		same := func(*citizen.FinishAuthorizationInput) {}
		one, two := begin(), begin()
		require.ErrorIs(t, finish(one, func(in *citizen.FinishAuthorizationInput) { in.Cookie = two.Cookie }), citizen.ErrAuthorizationInvalid)
		require.ErrorIs(t, finish(one, func(in *citizen.FinishAuthorizationInput) { in.Cookie = "" }), citizen.ErrAuthorizationInvalid)
		require.ErrorIs(t, finish(one, func(in *citizen.FinishAuthorizationInput) { in.State = two.State }), citizen.ErrAuthorizationInvalid)
		n, others := countWins(atOnce(5, func(int) error { return finish(one, same) }))
		require.Equal(t, 1, n)
		for _, err := range others {
			require.ErrorIs(t, err, citizen.ErrAuthorizationInvalid)
		}
		require.ErrorIs(t, finish(two, func(in *citizen.FinishAuthorizationInput) { in.Code = "" }), citizen.ErrAuthorizationDeclined)
		require.ErrorIs(t, finish(two, same), citizen.ErrAuthorizationInvalid, "a refusal uses the state up")
		three := begin()
		require.ErrorIs(t, finish(three, func(in *citizen.FinishAuthorizationInput) { in.Platforms = []models.Channel{models.AlipayLife} }), citizen.ErrAuthorizationInvalid)
		four := begin()
		r.clock.Advance(citizen.AuthorizationLife)
		require.ErrorIs(t, finish(four, same), citizen.ErrAuthorizationInvalid)
		_, err := r.BeginAuthorization(t.Context(), models.WechatMini, "")
		require.ErrorIs(t, err, citizen.ErrPlatformUnknown)
		_, err = r.LogIn(t.Context(), citizen.LogInInput{Platform: models.WechatOA, Code: "code-oa"})
		require.ErrorIs(t, err, citizen.ErrPlatformUnknown, "a browser's code does not open the mini-programs' door")
	})
}

func TestR52_UnbindingDeletesTheBindingAndEndsItsSessions(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.fresh(t, "o-1", wang())
		other, token := r.logIn(t, "o-1")
		require.NoError(t, r.Unbind(t.Context(), by))
		for _, one := range []models.Actor{by, other} {
			s, err := r.db.Sessions().Session(t.Context(), one.SessionID)
			require.NoError(t, err)
			require.Equal(t, citizen.EndedByUnbind, s.EndedWhy)
		}
		_, err := r.Authenticate(t.Context(), token.Token.Reveal())
		require.ErrorIs(t, err, citizen.ErrSessionInvalid)
		require.Empty(t, dump(t, r.db, "identity_checks"))
		_, err = r.db.Persons().Person(t.Context(), by.ID)
		require.NoError(t, err, "the registry's record is not ours to delete")
		require.Equal(t, notice.Unbound, r.sms.last(notice.Unbound).Kind)

		next, _ := r.logIn(t, "o-1")
		require.Empty(t, next.ID)
		require.Equal(t, models.LevelPlatform, next.Level)
		require.ErrorIs(t, r.RequireConsent(t.Context(), next, "privacy_notice"), citizen.ErrConsentRequired, "the next person reads for herself")
	})
}

func TestPhoneChangeTellsTheOldPhoneAndCountsAfter24Hours(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		const next = "13600000006"
		persons := r.db.Persons()
		low := r.bound(t, "o-2", wang())
		_, _, err := r.RequestPhoneChange(t.Context(), low, next, citizen.ChallengeAnswer{})
		require.Error(t, err, "a phone is not changed by whoever holds it")
		r.clock.Advance(2 * time.Minute)
		by := r.fresh(t, "o-1", wang())
		_, _, err = r.RequestPhoneChange(t.Context(), by, wangPhone, citizen.ChallengeAnswer{})
		require.ErrorIs(t, err, citizen.ErrPhoneSame)
		change, _, err := r.RequestPhoneChange(t.Context(), by, "+86 136-0000-0006", citizen.ChallengeAnswer{})
		require.NoError(t, err)
		code := r.sms.last(notice.CodePhoneChange)
		to, err := persons.NoticePhone(t.Context(), code.PersonID, code.To, code.ToRef)
		require.NoError(t, err)
		require.Equal(t, next, to.Reveal())
		waiting, err := r.ConfirmPhoneChange(t.Context(), by, code.Secret.Reveal())
		require.NoError(t, err)
		require.Equal(t, citizen.PhoneChangeWaiting, waiting.State)
		require.Equal(t, r.clock.Now().Add(24*time.Hour), waiting.CountsAt)
		told := r.sms.last(notice.PhoneChangeOld)
		to, err = persons.NoticePhone(t.Context(), told.PersonID, told.To, told.ToRef)
		require.NoError(t, err)
		require.Equal(t, wangPhone, to.Reveal(), "the old number is told")
		r.clock.Advance(2 * time.Minute)
		_, _, err = r.RequestPhoneChange(t.Context(), by, "13600000007", citizen.ChallengeAnswer{})
		require.ErrorIs(t, err, citizen.ErrPhoneChangeOpen)

		r.clock.Set(waiting.CountsAt.Add(-time.Second))
		moved, err := r.SettlePhoneChanges(t.Context(), 10)
		require.NoError(t, err)
		require.Zero(t, moved)
		r.clock.Set(waiting.CountsAt)
		n, _ := countWins(atOnce(4, func(int) error {
			moved, err := r.SettlePhoneChanges(t.Context(), 10)
			if err == nil && moved == 0 {
				return models.ErrConflict
			}
			return err
		}))
		require.Equal(t, 1, n)
		p, err := persons.Person(t.Context(), by.ID)
		require.NoError(t, err)
		require.Equal(t, next, p.ReachedAt().Reveal())
		require.Equal(t, wangPhone, p.Phone.Reveal())
		to, err = persons.NoticePhone(t.Context(), by.ID, notice.ToRegistryPhone, models.NewID())
		require.NoError(t, err)
		require.Equal(t, wangPhone, to.Reveal(), "a code to bind goes to the registry's phone still")
		require.Equal(t, change.ID, r.sms.last(notice.PhoneChanged).ToRef)
	})
}

func TestPhoneChangeIsCancelledByThePersonAndByTheRegistry(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		begin := func(by models.Actor) {
			_, _, err := r.RequestPhoneChange(t.Context(), by, "13600000006", citizen.ChallengeAnswer{})
			require.NoError(t, err)
			_, err = r.ConfirmPhoneChange(t.Context(), by, r.sms.code(notice.CodePhoneChange))
			require.NoError(t, err)
		}
		by := r.fresh(t, "o-1", wang())
		begin(by)
		r.clock.Advance(time.Minute)
		low, _ := r.logIn(t, "o-1")
		require.NoError(t, r.CancelPhoneChange(t.Context(), low))
		require.ErrorIs(t, r.CancelPhoneChange(t.Context(), low), models.ErrNotFound)
		begin(by)
		newer := fact(t, "P-1", "王建国", wangID, "13500000005")
		newer.Version = 9
		require.NoError(t, r.ApplyPerson(t.Context(), newer))
		r.clock.Advance(25 * time.Hour)
		moved, err := r.SettlePhoneChanges(t.Context(), 10)
		require.NoError(t, err)
		require.Zero(t, moved)
		p, err := r.db.Persons().Person(t.Context(), by.ID)
		require.NoError(t, err)
		require.Equal(t, "13500000005", p.ReachedAt().Reveal())
	})
}

func TestAccessLogShowsOthersAndNotOneself(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.fresh(t, "o-1", wang())
		_, err := r.RevealMe(t.Context(), by)
		require.NoError(t, err)
		entries, err := r.ReadAccessLog(t.Context(), by, "", 20)
		require.NoError(t, err)
		require.Empty(t, entries)
		agent := models.Actor{Kind: models.AgentActor, ID: models.NewID(), Channel: models.Phone12333, Subject: by.ID}
		for range 3 {
			require.NoError(t, r.db.RecordAudit(t.Context(), auditOf(agent, r.clock.Now())))
		}
		entries, err = r.ReadAccessLog(t.Context(), by, "", 2)
		require.NoError(t, err)
		require.Len(t, entries, 2)
		rest, err := r.ReadAccessLog(t.Context(), by, entries[1].ID, 2)
		require.NoError(t, err)
		require.Len(t, rest, 1)
		require.Equal(t, models.AgentActor, rest[0].Kind)
	})
}

// fakeCopies keeps copies in memory.
type fakeCopies struct {
	mu   sync.Mutex
	held map[string]citizen.Session
	down error
}

func (f *fakeCopies) Get(_ context.Context, handle, hash string) (citizen.Session, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.held[handle+hash]
	return s, ok && f.down == nil, f.down
}

func (f *fakeCopies) Put(_ context.Context, s citizen.Session, _ time.Duration) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down == nil {
		f.held[s.Handle+s.SecretHash] = s
	}
	return f.down
}

func (f *fakeCopies) Drop(_ context.Context, handle, hash string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.held, handle+hash)
	return f.down
}
