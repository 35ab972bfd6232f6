package scenario_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/integrations/sandbox/telephone"
	"onecard/models/hotline"
)

// Design 1: what the exchange was answered is not lost. The process that took its events dies right after the answer; others
// that come later, several at once, open the call once, and a reply that was lost brings the event again and changes nothing.
func TestKilledBehindTheAnswerTheTelephoneLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	w.hush()
	require.NoError(t, boot.OpenStaff(t.Context(), w.cfg, func(admin boot.StaffAdmin) error {
		_, err := admin.AddStaff(t.Context(), hotline.Operator(), hotline.AddStaffInput{Login: "zuoxi1", Name: "坐席甲", Roles: []string{"agent"}})
		require.NoError(t, err)
		return admin.SetExtension(t.Context(), hotline.Operator(), "zuoxi1", "8001")
	}))
	db, err := pgx.Connect(t.Context(), w.cfg.Database.DSN.Reveal())
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close(t.Context()) })
	count := func(what string) (n int) {
		require.NoError(t, db.QueryRow(t.Context(), "SELECT COUNT(*) FROM "+what).Scan(&n))
		return n
	}
	_, err = db.Exec(t.Context(), `INSERT INTO staff_sessions (id, staff_id, handle, secret_hash, opened_at, seen_at, end_reason)
		SELECT gen_random_uuid(), id, 'zuoxi1', '\x00', now(), now(), '' FROM staff WHERE login = 'zuoxi1'`) // logged in: nothing opens for anybody else
	require.NoError(t, err)
	x := w.desk.City.Telephone
	events := []telephone.Event{
		{EventID: "ev-1", Kind: "call.ringing", CallRef: "in-1", Number: "13803790103", Extension: "8001", At: time.Now()},
		{EventID: "ev-2", Kind: "call.answered", CallRef: "in-1", Number: "13803790103", Extension: "8001", At: time.Now()},
	}
	tell := func() {
		t.Helper()
		for _, e := range events {
			status, err := x.Send(e)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, status)
		}
	}
	serve := w.start("serve")
	x.TellTo(serve.base + "/callbacks/telephone")
	tell()
	serve.kill()
	require.Equal(t, 2, count("telephone_events WHERE state = 'waiting'"), "written down before the answer")
	require.Zero(t, count("calls"))

	again := w.start("serve")
	x.TellTo(again.base + "/callbacks/telephone")
	for range 3 {
		w.start("work")
	}
	tell() // the exchange never had the first answers
	eventually(t, time.Minute, func() error {
		if n := count("telephone_events WHERE state = 'worked'"); n != 2 {
			return fmt.Errorf("%d events are worked", n)
		}
		return nil
	})
	require.Equal(t, 2, count("telephone_events"))
	require.Equal(t, 1, count("calls WHERE source = 'telephone' AND closed_at IS NULL"))
	require.Equal(t, 1, count("calls"))
	require.Equal(t, 2, count("console_events"))
	require.Equal(t, 1, count("audit_entries WHERE action = 'hotline.call.opened'"))
}
