package redis

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
)

func aFullSession() citizen.Session {
	at := time.Date(2021, 12, 20, 1, 2, 3, 456789000, time.UTC)
	return citizen.Session{
		ID: models.NewID(), Kind: citizen.OwnSession, Handle: "h1", SecretHash: strings.Repeat("5", 64), AccountID: models.NewID(), PersonID: models.NewID(),
		Channel: models.WechatMini, Level: models.LevelReal, CheckedAt: at, Device: strings.Repeat("华为手机", 40), MadeAt: at.Add(-time.Hour), SeenAt: at,
		ExpiresAt: at.Add(citizen.SessionLife), EndedAt: at.AddDate(-60, 0, 0), EndedWhy: citizen.LoggedOut, Version: 300,
	}
}

func TestACopyOfASessionIsTheWholeSession(t *testing.T) {
	t.Parallel()
	for _, s := range []citizen.Session{aFullSession(), {}, {ID: "1", ExpiresAt: time.Unix(1, 0).UTC()}} {
		got, ok := readSession(string(writeSession(s)))
		require.True(t, ok)
		require.Equal(t, s, got)
	}
}

// What is cut, longer or of another form is no copy: a half-read session must never stand for anybody.
func TestARecordThatIsNotWholeIsNoCopy(t *testing.T) {
	t.Parallel()
	record := string(writeSession(aFullSession()))
	for n := range record {
		_, ok := readSession(record[:n])
		require.False(t, ok, "%d of %d bytes", n, len(record))
	}
	for _, bad := range []string{record + "x", "B" + record[1:], dropped, `{"ID":"1"}`, recordForm + strings.Repeat("\xff", 40)} {
		_, ok := readSession(bad)
		require.False(t, ok, "%.20q", bad)
	}
}

func FuzzReadSession(f *testing.F) {
	f.Add(string(writeSession(aFullSession())))
	f.Add(dropped)
	f.Fuzz(func(t *testing.T, record string) {
		s, ok := readSession(record)
		if ok && s.Level >= 0 {
			again, ok := readSession(string(writeSession(s)))
			require.True(t, ok)
			require.Equal(t, s, again)
		}
	})
}

// BenchmarkReadSession is done on every request: nothing of the copy may be copied again.
func BenchmarkReadSession(b *testing.B) {
	record := string(writeSession(aFullSession()))
	require.Zero(b, testing.AllocsPerRun(100, func() { _, _ = readSession(record) }))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := readSession(record); !ok {
			b.Fatal("no copy")
		}
	}
}

// The limiter allows what it was told to, intervals between two milliseconds too.
func TestThePaceIsKeptOnTheWhole(t *testing.T) {
	t.Parallel()
	every, within := pace(60*time.Millisecond, time.Minute)
	require.EqualValues(t, 60, every)
	require.EqualValues(t, 60_000, within)
	sum := int64(0)
	for range 20_000 {
		every, within := pace(100*time.Microsecond, 300*time.Microsecond)
		require.LessOrEqual(t, every, within, "one always fits into an unused window")
		sum += every
	}
	require.InDelta(t, 2000, sum, 400)
}
