package boot

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

// staffOffice remembers what it was asked, as whom.
type staffOffice struct {
	by       models.Actor
	added    hotline.AddStaffInput
	reset    [2]string
	disabled string
	unlocked string
	linked   string

	extension [2]string
	err       error
}

var enrolled = hotline.Enrolment{
	Staff: hotline.Staff{Login: "li.na", Roles: []hotline.Role{"agent"}}, Password: "made-Password-1",
	Until: time.Date(2021, 12, 21, 4, 0, 0, 0, time.UTC),
}

func (o *staffOffice) AddStaff(_ context.Context, by models.Actor, in hotline.AddStaffInput) (hotline.Enrolment, error) {
	o.by, o.added = by, in
	return enrolled, o.err
}

func (o *staffOffice) SetExtension(_ context.Context, by models.Actor, login, extension string) error {
	o.by, o.extension = by, [2]string{login, extension}
	return o.err
}

func (o *staffOffice) LinkStaff(_ context.Context, by models.Actor, login string, ref models.PersonRef) error {
	o.by, o.linked = by, login+" "+string(ref)
	return nil
}

func (o *staffOffice) ResetStaff(_ context.Context, by models.Actor, login, password string) (hotline.Enrolment, error) {
	o.by, o.reset = by, [2]string{login, password}
	return enrolled, o.err
}

func (o *staffOffice) UnlockStaff(_ context.Context, by models.Actor, login string) (hotline.Staff, error) {
	o.by, o.unlocked = by, login
	return enrolled.Staff, o.err
}

func (o *staffOffice) DisableStaff(_ context.Context, by models.Actor, login string) error {
	o.by, o.disabled = by, login
	return o.err
}

func (o *staffOffice) ListStaff(context.Context, models.Actor) ([]hotline.Staff, error) {
	name, err := models.ParseName("李小娜")
	return []hotline.Staff{{Login: "li.na", Name: name, Roles: []hotline.Role{"agent", "supervisor"}}}, err
}

func TestStaffAddPrintsTheOneTimePassword(t *testing.T) {
	t.Parallel()
	var o staffOffice
	var out bytes.Buffer
	require.NoError(t, StaffCommand(t.Context(), &o, []string{"add", "li.na", "--name", "李娜", "--roles", "agent,supervisor", "--district", "410303"}, &out))
	require.Equal(t, hotline.Operator(), o.by)
	require.Equal(t, hotline.AddStaffInput{Login: "li.na", Name: "李娜", Roles: []string{"agent", "supervisor"}, District: "410303"}, o.added)
	for _, wanted := range []string{enrolled.Password, "2021-12-21 12:00"} {
		require.Contains(t, out.String(), wanted)
	}
}

func TestStaffResetReadsThePasswordFromAFile(t *testing.T) {
	t.Parallel()
	var o staffOffice
	var out bytes.Buffer
	file := filepath.Join(t.TempDir(), "p")
	require.NoError(t, os.WriteFile(file, []byte("Given-Password-1\n"), 0o600))
	require.NoError(t, StaffCommand(t.Context(), &o, []string{"reset", "li.na", "--password-file", file}, &out))
	require.Equal(t, [2]string{"li.na", "Given-Password-1"}, o.reset)
	require.NotContains(t, out.String(), "assword-1", "whoever wrote the file knows it")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.Error(t, StaffCommand(t.Context(), &o, []string{"reset", "li.na", "--password-file", file}, &out))
	require.Error(t, StaffCommand(t.Context(), &o, []string{"reset", "li.na", "--password-file", file + "x"}, &out))
}

func TestStaffExtensionIsGivenAndTakenAway(t *testing.T) {
	t.Parallel()
	var o staffOffice
	var out bytes.Buffer
	require.NoError(t, StaffCommand(t.Context(), &o, []string{"extension", "li.na", "8001"}, &out))
	require.Equal(t, [2]string{"li.na", "8001"}, o.extension)
	require.Equal(t, hotline.Operator(), o.by)
	require.NoError(t, StaffCommand(t.Context(), &o, []string{"extension", "li.na", "none"}, &out))
	require.Equal(t, [2]string{"li.na", ""}, o.extension)
	require.Equal(t, "li.na has extension 8001\nli.na has extension none\n", out.String())
	for _, args := range [][]string{{"extension"}, {"extension", "li.na"}, {"extension", "li.na", "8001", "8002"}} {
		require.ErrorIs(t, StaffCommand(t.Context(), &o, args, &out), ErrUsage)
	}
	o.err = hotline.ErrExtensionTaken
	require.ErrorIs(t, StaffCommand(t.Context(), &o, []string{"extension", "li.na", "8001"}, &out), hotline.ErrExtensionTaken)
}

func TestStaffListAndDisable(t *testing.T) {
	t.Parallel()
	var o staffOffice
	var out bytes.Buffer
	require.NoError(t, StaffCommand(t.Context(), &o, []string{"list"}, &out))
	require.Contains(t, out.String(), "agent,supervisor")
	require.NotContains(t, out.String(), "李小娜", "a name prints as its mask")
	require.NoError(t, StaffCommand(t.Context(), &o, []string{"disable", "li.na"}, &out))
	require.Equal(t, "li.na", o.disabled)
	require.NoError(t, StaffCommand(t.Context(), &o, []string{"unlock", "li.na"}, &out))
	require.Equal(t, "li.na", o.unlocked)
	require.NoError(t, StaffCommand(t.Context(), &o, []string{"link", "li.na", "--person", "p1"}, &out))
	require.Equal(t, "li.na p1", o.linked)
	o.err = hotline.ErrStaffUnchanged
	require.ErrorIs(t, StaffCommand(t.Context(), &o, []string{"disable", "li.na"}, &out), hotline.ErrStaffUnchanged)
	require.ErrorIs(t, StaffCommand(t.Context(), &o, []string{"add", "li.na"}, &out), hotline.ErrStaffUnchanged)
}

func TestStaffRefusesUnknownCommandLines(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		nil, {"add"}, {"fire", "li.na"}, {"list", "li.na"}, {"disable"}, {"disable", "li.na", "--force"}, {"link", "li.na"}, {"link", "li.na", "--ref", "p1"}, {"add", "li.na", "--password", "x"},
		{"add", "li.na", "more"},
	} {
		var o staffOffice
		var out bytes.Buffer
		require.ErrorIs(t, StaffCommand(t.Context(), &o, args, &out), ErrUsage, args)
		require.Zero(t, o)
	}
}
