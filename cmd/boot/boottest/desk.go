package boottest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// Message is one SMS on a citizen's phone.
type Message struct{ Phone, Text, Code string }

// Messages sends what waits and reads a citizen's phone, newest first.
func (r *Rig) Messages(key string) []Message {
	r.t.Helper()
	r.Work()
	got := r.desk.Get("/desk/messages?citizen=" + url.QueryEscape(key)).Is(http.StatusOK)
	out := []Message{}
	for i := range got.List("messages") {
		out = append(out, Message{got.Text("messages", i, "phone"), got.Text("messages", i, "text"), got.Text("messages", i, "code")})
	}
	return out
}

// Told counts a citizen's messages that hold all the words.
func (r *Rig) Told(key string, words ...string) int {
	r.t.Helper()
	n := 0
next:
	for _, m := range r.Messages(key) {
		for _, w := range words {
			if !strings.Contains(m.Text, w) {
				continue next
			}
		}
		n++
	}
	return n
}

// CodeOf is the newest verification code on a citizen's phone.
func (r *Rig) CodeOf(key string) string {
	r.t.Helper()
	for _, m := range r.Messages(key) {
		if m.Code != "" {
			return m.Code
		}
	}
	require.Fail(r.t, "no code came to "+key)
	return ""
}

// Happens makes something happen at the registry and has the feed taken.
func (r *Rig) Happens(kind, key string, more map[string]any) Reply {
	r.t.Helper()
	event := map[string]any{"kind": kind, "citizen": key}
	for k, v := range more {
		event[k] = v
	}
	done := r.desk.Post("/desk/events", event).Is(http.StatusOK)
	r.Work()
	return done
}

// Fault makes a target of the pretend world fail; `none` ends it. More holds op, code, times and the like.
func (r *Rig) Fault(target, fault string, more map[string]any) {
	r.t.Helper()
	order := map[string]any{"target": target, "fault": fault}
	for k, v := range more {
		order[k] = v
	}
	r.desk.Post("/desk/faults", order).Is(http.StatusOK)
}

// Decision is an audit row.
type Decision struct {
	ActorKind, Channel, Level, CallID, Action, Object, Result, Detail string
	ActorID, SubjectID, ObjectID                                      string
}

// Decisions are the audit rows of an action, oldest first; an empty action means all.
func (r *Rig) Decisions(action string) []Decision {
	r.t.Helper()
	rows, err := r.DB().QueryContext(r.t.Context(), `SELECT actor_kind, channel, level, CAST(call_id AS text), action, object, result, CAST(detail AS text),
		CAST(actor_id AS text), CAST(subject_id AS text), CAST(object_id AS text) FROM audit_entries ORDER BY at, id`)
	require.NoError(r.t, err)
	defer rows.Close()
	var out []Decision
	for rows.Next() {
		var d Decision
		require.NoError(r.t, rows.Scan(&d.ActorKind, &d.Channel, &d.Level, &d.CallID, &d.Action, &d.Object, &d.Result, &d.Detail, &d.ActorID, &d.SubjectID, &d.ObjectID))
		if action == "" || d.Action == action {
			out = append(out, d)
		}
	}
	require.NoError(r.t, rows.Err())
	return out
}

// Note is one remark of a decision.
func (d Decision) Note(key string) string {
	var m map[string]string
	_ = json.Unmarshal([]byte(d.Detail), &m)
	return m[key]
}

func (r *Rig) now() time.Time {
	if r.Clock == nil {
		return time.Now()
	}
	return r.Clock.Now()
}
