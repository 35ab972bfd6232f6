package hotline_test

import (
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

const ownPassword = "Riverside-74-oak"

// newcomer has an account with a one-time password and nothing else.
func (r *rig) newcomer(login string, roles ...string) hotline.Enrolment {
	r.Helper()
	if len(roles) == 0 {
		roles = []string{"agent"}
	}
	e, err := r.AddStaff(r.Context(), hotline.Operator(), hotline.AddStaffInput{Login: login, Name: "李娜", Roles: roles})
	require.NoError(r, err)
	return e
}

func (r *rig) codeOf(secret string) string {
	r.Helper()
	code, err := totp.GenerateCode(secret, r.clock.Now())
	require.NoError(r, err)
	return code
}

// enrol goes the newcomer's whole way; secret is her authenticator program's.
func (r *rig) enrol(login string, roles ...string) (secret string, out hotline.Enrolled) {
	r.Helper()
	e := r.newcomer(login, roles...)
	begun, err := r.BeginEnrolment(r.Context(), login, e.Password)
	require.NoError(r, err)
	out, err = r.Enrol(r.Context(), hotline.EnrolInput{Login: login, Password: e.Password, NewPassword: ownPassword, Code: r.codeOf(begun.Secret)})
	require.NoError(r, err)
	return begun.Secret, out
}

func TestR56_ANewcomerEnrolsHerself(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	e := r.newcomer("Li.Na")
	require.Equal(t, r.clock.Now().Add(24*time.Hour), e.Until)
	require.NotContains(t, r.m.rows.staff[e.Staff.ID].PasswordHash, e.Password)
	for _, code := range []string{"", "000000"} { // the one-time password opens the enrolment and nothing else, with any code
		_, err := r.LogIn(t.Context(), hotline.LogInInput{Login: "li.na", Password: e.Password, Code: code})
		require.ErrorIs(t, err, hotline.ErrEnrolmentRequired)
	}
	begun, err := r.BeginEnrolment(t.Context(), "li.na", e.Password)
	require.NoError(t, err)
	uri, err := url.Parse(begun.URI)
	require.NoError(t, err)
	require.Equal(t, "otpauth", uri.Scheme)
	require.Equal(t, begun.Secret, uri.Query().Get("secret"))
	_, err = r.LogIn(t.Context(), hotline.LogInInput{Login: "li.na", Password: e.Password, Code: r.codeOf(begun.Secret)})
	require.ErrorIs(t, err, hotline.ErrEnrolmentRequired, "not even with the code of a factor that is not confirmed")

	in := hotline.EnrolInput{Login: "li.na", Password: e.Password, NewPassword: "weak", Code: r.codeOf(begun.Secret)}
	_, err = r.Enrol(t.Context(), in)
	require.ErrorIs(t, err, hotline.ErrPasswordWeak)
	in.NewPassword = e.Password
	_, err = r.Enrol(t.Context(), in)
	require.ErrorIs(t, err, hotline.ErrPasswordUsed, "somebody else has seen that one")
	in.NewPassword = ownPassword
	done, err := r.Enrol(t.Context(), in)
	require.NoError(t, err)
	require.Len(t, done.RecoveryCodes, 10)
	require.Equal(t, e.Staff.ID, r.auth(done.Token).ID)
	require.Len(t, r.entries("hotline.staff.enrolled"), 1)

	_, err = r.Enrol(t.Context(), in)
	require.ErrorIs(t, err, hotline.ErrLogInRefused, "once")
	_, err = r.BeginEnrolment(t.Context(), "li.na", e.Password)
	require.ErrorIs(t, err, hotline.ErrLogInRefused)
	log := hotline.LogInInput{Login: "li.na", Password: ownPassword, Code: r.codeOf(begun.Secret)}
	_, err = r.LogIn(t.Context(), log)
	require.ErrorIs(t, err, hotline.ErrLogInRefused, "the code that confirmed is spent")
	r.clock.Advance(30 * time.Second)
	log.Code = r.codeOf(begun.Secret)
	_, err = r.LogIn(t.Context(), log)
	require.NoError(t, err)
}

func TestR56_AnEnrolmentIsRefusedLikeALogIn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	e := r.newcomer("lina1")
	r.member("zuoxi1", "agent")
	for login, password := range map[string]string{"lina1": "Wrong-password-1", "nobody": e.Password, "zuoxi1": goodPassword} {
		_, err := r.BeginEnrolment(t.Context(), login, password)
		require.Equal(t, hotline.ErrLogInRefused, err, login)
	}
	begun, err := r.BeginEnrolment(t.Context(), "lina1", e.Password)
	require.NoError(t, err)
	in := hotline.EnrolInput{Login: "lina1", Password: e.Password, NewPassword: ownPassword, Code: "000000"}
	for range 2 {
		_, err = r.Enrol(t.Context(), in)
		require.ErrorIs(t, err, hotline.ErrLogInRefused)
	}
	for range 2 { // tries at the log-in count with them
		_, err = r.LogIn(t.Context(), hotline.LogInInput{Login: "lina1", Password: "Wrong-password-1"})
		require.ErrorIs(t, err, hotline.ErrLogInRefused)
	}
	_, err = r.Enrol(t.Context(), in)
	require.ErrorIs(t, err, hotline.ErrAccountLocked, "the fifth")
	in.Code = r.codeOf(begun.Secret)
	_, err = r.Enrol(t.Context(), in)
	require.ErrorIs(t, err, hotline.ErrAccountLocked)
	admin := r.agent("admin1", "administrator")
	members, err := r.ListMembers(t.Context(), admin)
	require.NoError(t, err)
	for _, m := range members {
		require.Equal(t, m.Login == "lina1", m.Locked, m.Login)
	}
	_, err = r.UnlockStaff(t.Context(), admin, string(e.Staff.ID))
	require.NoError(t, err)
	_, err = r.Enrol(t.Context(), in)
	require.NoError(t, err)
}

func TestR56_AOneTimePasswordEnds(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(d *hotline.Deps) { d.OneTimeLife = time.Hour })
	e := r.newcomer("lina1")
	r.clock.Advance(time.Hour + time.Second)
	_, err := r.BeginEnrolment(t.Context(), "lina1", e.Password)
	require.ErrorIs(t, err, hotline.ErrLogInRefused)
	_, err = r.LogIn(t.Context(), hotline.LogInInput{Login: "lina1", Password: e.Password})
	require.ErrorIs(t, err, hotline.ErrLogInRefused)
	again, err := r.ResetStaff(t.Context(), hotline.Operator(), "lina1", "")
	require.NoError(t, err)
	require.NotEqual(t, e.Password, again.Password)
	_, err = r.BeginEnrolment(t.Context(), "lina1", again.Password)
	require.NoError(t, err)
}

func TestR56_AResetTakesTheSignOnAwayToo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.newcomer("lina1")
	m, err := r.LinkSignOn(t.Context(), hotline.Operator(), "lina1", "subject-7")
	require.NoError(t, err)
	require.Equal(t, "subject-7", m.Subject)
	_, err = r.ResetStaff(t.Context(), hotline.Operator(), "lina1", "")
	require.NoError(t, err)
	m, err = r.m.StaffByLogin(t.Context(), "lina1")
	require.NoError(t, err)
	require.Empty(t, m.Subject)
}

func TestR59_NobodyTakesTheOwnLinkBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	admin := r.agent("admin1", "administrator")
	require.ErrorIs(t, r.LinkStaff(t.Context(), admin, "admin1", ""), hotline.ErrOwnRoles)
	r.member("zuoxi1", "agent")
	require.NoError(t, r.LinkStaff(t.Context(), admin, "zuoxi1", "p1"))
	require.Len(t, r.entries("hotline.staff.linked"), 1)
}

func TestR56_OfManyWhoConfirmOneEnrolmentOneWins(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	e := r.newcomer("lina1")
	begun, err := r.BeginEnrolment(t.Context(), "lina1", e.Password)
	require.NoError(t, err)
	in := hotline.EnrolInput{Login: "lina1", Password: e.Password, NewPassword: ownPassword, Code: r.codeOf(begun.Secret)}
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := r.Enrol(t.Context(), in); err == nil {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, won.Load())
	require.Len(t, r.entries("hotline.session.opened"), 1)
}

func TestR56_AResetEndsEverything(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	secret, out := r.enrol("lina1")
	_, err := r.ResetStaff(t.Context(), hotline.Operator(), "lina1", "")
	require.NoError(t, err)
	_, err = r.Authenticate(t.Context(), out.Token)
	require.ErrorIs(t, err, hotline.ErrNotLoggedIn)
	r.clock.Advance(time.Minute)
	for _, code := range []string{r.codeOf(secret), out.RecoveryCodes[0]} {
		_, err = r.LogIn(t.Context(), hotline.LogInInput{Login: "lina1", Password: ownPassword, Code: code})
		require.ErrorIs(t, err, hotline.ErrLogInRefused)
	}
}

func TestR56_ARecoveryCodeStandsForACodeOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, out := r.enrol("lina1")
	in := hotline.LogInInput{Login: "lina1", Password: ownPassword, Code: " " + out.RecoveryCodes[3][:9] + out.RecoveryCodes[3][10:]}
	opened, err := r.LogIn(t.Context(), in)
	require.NoError(t, err, "as people type it")
	require.True(t, opened.RecoveryUsed)
	require.Equal(t, 9, opened.RecoveryCodes)
	require.Equal(t, "9", r.entries("hotline.recovery_code.used")[0].Detail["left"])
	_, err = r.LogIn(t.Context(), in)
	require.ErrorIs(t, err, hotline.ErrLogInRefused)
	r.clock.Advance(-time.Hour) // a clock that is put back opens nothing again
	_, err = r.LogIn(t.Context(), in)
	require.ErrorIs(t, err, hotline.ErrLogInRefused)
	in.Password, in.Code = "Wrong-password-1", out.RecoveryCodes[4]
	_, err = r.LogIn(t.Context(), in)
	require.ErrorIs(t, err, hotline.ErrLogInRefused)
	in.Password = ownPassword
	_, err = r.LogIn(t.Context(), in)
	require.NoError(t, err, "a wrong password spends none")

	_, other := r.enrol("lina2")
	in.Code = other.RecoveryCodes[0]
	_, err = r.LogIn(t.Context(), in)
	require.ErrorIs(t, err, hotline.ErrLogInRefused, "another's")
}

func TestR56_OneRecoveryCodeInParallelOpensOneSession(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, out := r.enrol("lina1")
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := r.LogIn(t.Context(), hotline.LogInInput{Login: "lina1", Password: ownPassword, Code: out.RecoveryCodes[0]}); err == nil {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, won.Load())
	require.Len(t, r.entries("hotline.recovery_code.used"), 1)
}

func TestR56_NewRecoveryCodesVoidTheOldOnes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	secret, out := r.enrol("lina1")
	by := r.auth(out.Token)
	_, err := r.RenewRecoveryCodes(t.Context(), by, ownPassword, r.codeOf(secret))
	require.ErrorIs(t, err, hotline.ErrLogInRefused, "the code is spent: a fresh one is asked for")
	r.clock.Advance(30 * time.Second)
	_, err = r.RenewRecoveryCodes(t.Context(), by, "Wrong-password-1", r.codeOf(secret))
	require.ErrorIs(t, err, hotline.ErrLogInRefused)
	fresh, err := r.RenewRecoveryCodes(t.Context(), by, ownPassword, r.codeOf(secret))
	require.NoError(t, err)
	require.Len(t, fresh, 10)
	view, err := r.CurrentSession(t.Context(), by)
	require.NoError(t, err)
	require.Equal(t, 10, view.RecoveryCodes)
	_, err = r.LogIn(t.Context(), hotline.LogInInput{Login: "lina1", Password: ownPassword, Code: out.RecoveryCodes[0]})
	require.ErrorIs(t, err, hotline.ErrLogInRefused)
	_, err = r.LogIn(t.Context(), hotline.LogInInput{Login: "lina1", Password: ownPassword, Code: fresh[0]})
	require.NoError(t, err)
	_, err = r.RenewRecoveryCodes(t.Context(), models.Actor{Kind: models.CitizenActor, ID: "x"}, "", "")
	require.ErrorIs(t, err, hotline.ErrNotLoggedIn)
}
