package hotline_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/hotline"
)

func TestR56_APasswordIsChangedWithBothFactors(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	secret, out := r.enrol("lina1")
	by := r.auth(out.Token)
	r.clock.Advance(30 * time.Second)
	for name, c := range map[string]struct {
		password, code, chosen string
		want                   error
	}{
		"wrong password": {"Wrong-password-1", r.codeOf(secret), "Mountain-81-elm", hotline.ErrLogInRefused},
		"no code":        {ownPassword, "", "Mountain-81-elm", hotline.ErrLogInRefused},
		"weak":           {ownPassword, r.codeOf(secret), "mountain", hotline.ErrPasswordWeak},
		"common":         {ownPassword, r.codeOf(secret), "P@ssw0rd-2026", hotline.ErrPasswordCommon},
		"the same":       {ownPassword, r.codeOf(secret), ownPassword, hotline.ErrPasswordUsed},
	} {
		require.ErrorIs(t, r.ChangePassword(t.Context(), by, c.password, c.code, c.chosen), c.want, name)
		_, err := r.UnlockStaff(t.Context(), hotline.Operator(), "lina1")
		require.NoError(t, err)
	}
	require.Empty(t, r.entries("hotline.password.changed"))
	require.NoError(t, r.ChangePassword(t.Context(), by, ownPassword, r.codeOf(secret), "Mountain-81-elm"))
	require.Len(t, r.entries("hotline.password.changed"), 1)
	require.Equal(t, by.ID, r.auth(out.Token).ID, "the session goes on")
	r.clock.Advance(30 * time.Second)
	_, err := r.LogIn(t.Context(), hotline.LogInInput{Login: "lina1", Password: ownPassword, Code: r.codeOf(secret)})
	require.ErrorIs(t, err, hotline.ErrLogInRefused)
	_, err = r.LogIn(t.Context(), hotline.LogInInput{Login: "lina1", Password: "Mountain-81-elm", Code: r.codeOf(secret)})
	require.NoError(t, err)
}

func TestR56_TheLastFivePasswordsAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	secret, out := r.enrol("lina1")
	by, password := r.auth(out.Token), ownPassword
	change := func(chosen string) error {
		r.clock.Advance(30 * time.Second)
		err := r.ChangePassword(t.Context(), by, password, r.codeOf(secret), chosen)
		if err == nil {
			password = chosen
		}
		return err
	}
	for n := 1; n <= 4; n++ {
		require.NoError(t, change(fmt.Sprintf("Mountain-8%d-elm", n)))
	}
	require.ErrorIs(t, change(ownPassword), hotline.ErrPasswordUsed, "the fifth of the last five")
	require.NoError(t, change("Mountain-85-elm"))
	require.NoError(t, change(ownPassword), "the sixth is forgotten")
}

func TestR56_AnOldPasswordIsChangedAtTheLogIn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	secret, out := r.enrol("lina1")
	view, err := r.CurrentSession(t.Context(), r.auth(out.Token))
	require.NoError(t, err)
	require.Equal(t, r.clock.Now().Add(90*24*time.Hour), view.PasswordEnds)
	r.clock.Advance(90*24*time.Hour + time.Second)
	in := hotline.LogInInput{Login: "lina1", Password: ownPassword, Code: "000000"}
	_, err = r.LogIn(t.Context(), in)
	require.ErrorIs(t, err, hotline.ErrLogInRefused, "who has one factor is not told")
	in.Code = "ABCD-EFGH-IJKL-MNOP"
	_, err = r.LogIn(t.Context(), in)
	require.ErrorIs(t, err, hotline.ErrLogInRefused, "nor who makes up a recovery code")
	in.Code = r.codeOf(secret)
	_, err = r.LogIn(t.Context(), in)
	require.ErrorIs(t, err, hotline.ErrPasswordExpired)
	in.NewPassword = ownPassword
	_, err = r.LogIn(t.Context(), in)
	require.ErrorIs(t, err, hotline.ErrPasswordUsed)
	r.clock.Advance(time.Second)
	in.NewPassword, in.Code = "Mountain-81-elm", r.codeOf(secret)
	opened, err := r.LogIn(t.Context(), in)
	require.NoError(t, err, "with the same code")
	r.auth(opened.Token)

	r.member("demo", "agent")
	r.clock.Advance(91 * 24 * time.Hour)
	_, err = r.LogIn(t.Context(), hotline.LogInInput{Login: "demo", Password: goodPassword, Code: r.code()})
	require.NoError(t, err, "what is printed at the start stays")
}

func TestR56_CommonPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	secret, out := r.enrol("lina1")
	by := r.auth(out.Token)
	r.clock.Advance(30 * time.Second)
	for chosen, want := range map[string]error{
		"Password-123": hotline.ErrPasswordCommon, "P@ssw0rd2021!": hotline.ErrPasswordCommon, "Admin@123456": hotline.ErrPasswordCommon,
		"Luoyang@2026": hotline.ErrPasswordCommon, "Qwertyuiop1!": hotline.ErrPasswordCommon, "Aa1!Aa1!Aa1!": hotline.ErrPasswordCommon,
		"1qaz2WSX!@#$": hotline.ErrPasswordCommon, "Shebaoka-12333": hotline.ErrPasswordCommon,
	} {
		require.ErrorIs(t, r.ChangePassword(t.Context(), by, ownPassword, r.codeOf(secret), chosen), want, "%s: eight refusals lock nobody who has both factors", chosen)
	}
	require.NoError(t, r.ChangePassword(t.Context(), by, ownPassword, r.codeOf(secret), "Luoyang-peony-April"), "a word beside others is no fault")
}
