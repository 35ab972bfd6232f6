package boot

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
	"onecard/models/store/storetest"
)

func TestARestoreIsNotedAndDecidedByCommand(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	r := notice.Restores{Store: db.Restores(), Clock: models.SystemClock{}}
	say := func(args ...string) (string, error) {
		var out strings.Builder
		err := RestoredCommand(t.Context(), r, args, &out)
		return out.String(), err
	}
	said, err := say()
	require.NoError(t, err)
	require.Contains(t, said, "no restore")
	for _, wrong := range [][]string{{"undo"}, {"note"}, {"note", "--until", "yesterday", "--reason", "恢复到十点"}, {"release", "now"}} {
		_, err = say(wrong...)
		require.ErrorIs(t, err, ErrUsage)
	}
	_, err = say("release", "--reason", "清单已核对")
	require.ErrorContains(t, err, "no restore is open")
	require.NoError(t, db.AddNotice(t.Context(), notice.Draft{Cause: "credit:1", Kind: notice.Arrival, PersonID: models.NewID()}))
	now, err := db.Now(t.Context())
	require.NoError(t, err)
	_, err = say("note", "--until", now.Add(1).Format("2006-01-02T15:04:05.999999999Z07:00"), "--reason", "短")
	require.ErrorContains(t, err, "4至200字")
	said, err = say("note", "--until", now.Format("2006-01-02T15:04:05.999999Z07:00"), "--reason", "恢复到十点")
	require.NoError(t, err)
	require.Contains(t, said, "open")
	_, err = r.Work(t.Context())
	require.NoError(t, err)
	said, err = say()
	require.NoError(t, err)
	require.Regexp(t, `held\s+arrivals\s+1`, said)
	said, err = say("drop", "--reason", "清单已核对")
	require.NoError(t, err)
	require.Contains(t, said, "dropped")
}
