package hotline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

var noon = time.Date(2021, 12, 20, 4, 0, 0, 0, time.UTC)

func TestR57_AnAuditorFollowsATrace(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	auditor, agent := r.agent("auditor1", "auditor"), r.agent("zuoxi1")
	call, in := r.call(agent, wangPhone)
	_, err := r.Verify(t.Context(), in, call.ID, basic)
	require.NoError(t, err)
	_, err = r.PersonOf(t.Context(), r.in(in), call.ID)
	require.NoError(t, err)
	search := func(change func(*hotline.AuditSearch)) ([]hotline.AuditLine, error) {
		q := hotline.AuditSearch{From: "2021-12-01", To: "2021-12-31", Limit: 50}
		change(&q)
		return r.SearchAudit(t.Context(), auditor, q)
	}
	lines, err := search(func(q *hotline.AuditSearch) { q.Staff = "zuoxi1" })
	require.NoError(t, err)
	require.Equal(t, "hotline.person.seen", lines[0].Action, "the newest first")
	for _, l := range lines {
		require.Equal(t, "zuoxi1", l.Login)
	}
	inCall, err := search(func(q *hotline.AuditSearch) { q.CallID = call.ID })
	require.NoError(t, err)
	require.Less(t, len(inCall), len(lines), "the log-in was in no call")
	for _, how := range []func(*hotline.AuditSearch){
		func(q *hotline.AuditSearch) { q.Receipt = receiptOf(r.wang.ID) },
		func(q *hotline.AuditSearch) { q.PersonOfCall = call.ID },
	} {
		about, err := search(how)
		require.NoError(t, err)
		require.NotEmpty(t, about)
		for _, l := range about {
			require.Equal(t, r.wang.ID, l.SubjectID)
		}
		searched := r.entries("hotline.audit.searched")
		last := searched[len(searched)-1]
		require.Equal(t, auditor.ID, last.ActorID)
		require.Equal(t, r.wang.ID, last.SubjectID, "she reads it in her own log")
	}
	require.Len(t, r.entries("hotline.audit.searched"), 4)
}

func TestR57_ASearchOfTheAuditIsNarrow(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	auditor := r.agent("auditor1", "auditor")
	for name, c := range map[string]struct {
		in   hotline.AuditSearch
		want error
	}{
		"everything":     {hotline.AuditSearch{From: "2021-12-01", To: "2021-12-31"}, hotline.ErrAuditFilter},
		"32 days":        {hotline.AuditSearch{Staff: "auditor1", From: "2021-12-01", To: "2022-01-01"}, hotline.ErrAuditWindow},
		"backwards":      {hotline.AuditSearch{Staff: "auditor1", From: "2021-12-02", To: "2021-12-01"}, hotline.ErrAuditWindow},
		"no day":         {hotline.AuditSearch{Staff: "auditor1", From: "2021-12-01", To: "2021-13-01"}, hotline.ErrAuditWindow},
		"a name":         {hotline.AuditSearch{Receipt: "王小明", From: "2021-12-01", To: "2021-12-02"}, models.ErrNotFound},
		"an ID number":   {hotline.AuditSearch{Receipt: wangID, From: "2021-12-01", To: "2021-12-02"}, models.ErrNotFound},
		"two references": {hotline.AuditSearch{Receipt: "x", PersonOfCall: "y", From: "2021-12-01", To: "2021-12-02"}, hotline.ErrAuditFilter},
		"a strange call": {hotline.AuditSearch{PersonOfCall: models.NewID(), From: "2021-12-01", To: "2021-12-02"}, models.ErrNotFound},
		"nobody":         {hotline.AuditSearch{Staff: "nobody", From: "2021-12-01", To: "2021-12-02"}, models.ErrNotFound},
	} {
		_, err := r.SearchAudit(t.Context(), auditor, c.in)
		require.ErrorIs(t, err, c.want, name)
	}
	for _, role := range []string{"administrator", "supervisor"} {
		_, err := r.SearchAudit(t.Context(), r.agent(role+"1", role), hotline.AuditSearch{Staff: "auditor1", From: "2021-12-01", To: "2021-12-02"})
		require.ErrorIs(t, err, hotline.ErrNotPermitted)
	}
	r.m.failStep = "hotline.audit.searched"
	_, err := r.SearchAudit(t.Context(), auditor, hotline.AuditSearch{Staff: "auditor1", From: "2021-12-01", To: "2021-12-31", Limit: 5})
	require.ErrorIs(t, err, models.ErrUnavailable, "nothing is shown that could not be written down")
}
