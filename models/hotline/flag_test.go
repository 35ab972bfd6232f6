package hotline_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/hotline"
)

// noActs are the actions of the hotline by which nothing is done for a caller, or which nobody does in a call; a word that ends
// in a dot stands for whatever follows it.
var noActs = []string{
	"hotline.call.", "hotline.call_back.", "hotline.phone.", "hotline.phone_code.", "hotline.value.shown", "hotline.person.shown", "hotline.act.refused",
	"hotline.flag.", "hotline.session.", "hotline.password.", "hotline.recovery_code.", "hotline.recovery_codes.", "hotline.enrolment.", "hotline.staff.",
	"hotline.audit.", "hotline.telephone.", "hotline.sample.", "hotline.export.", "hotline.order_file.", "hotline.misuse.read", "hotline.misuse.answered",
	"hotline.misuse.closed", "hotline.case.rated", "hotline.order.read", "hotline.order.remind", "hotline.order.escalate", "hotline.order.export",
	"hotline.order.assign", "hotline.order.accept", "hotline.order.return", "hotline.order.not_settled", "hotline.order.not_reached", "hotline.order.reopen",
	"hotline.order.settle", "hotline.enquiry.received",
}

var (
	auditAction = regexp.MustCompile(`"(hotline\.[a-z_]+\.[a-z_]*)"`)
	orderEvent  = regexp.MustCompile(`OrderEvent = "([a-z_]+)"`)
)

// TestR59_EveryActionOfTheHotlineIsAnActOrNone keeps a new action from passing for something done for a caller, as the hang-up
// once did: the flag of looks without an act then never rose for a call by telephone.
func TestR59_EveryActionOfTheHotlineIsAnActOrNone(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	found := map[string]bool{}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		source, err := os.ReadFile(f)
		require.NoError(t, err)
		for _, m := range auditAction.FindAllSubmatch(source, -1) {
			found[string(m[1])] = true
		}
		for _, m := range orderEvent.FindAllSubmatch(source, -1) {
			found["hotline.order."+string(m[1])] = true
		}
	}
	require.Greater(t, len(found), 50)
	for action := range found {
		if strings.HasSuffix(action, ".") {
			require.Contains(t, []string{"hotline.order.", "hotline.enquiry.", "hotline.misuse.", "hotline.staff."}, action, "a family of actions whose words are classed one by one")
			continue
		}
		none := strings.HasSuffix(action, ".seen") || slices.ContainsFunc(noActs, func(n string) bool {
			return n == action || strings.HasSuffix(n, ".") && strings.HasPrefix(action, n)
		})
		require.NotEqual(t, none, slices.Contains(hotline.Acts, action), "%s is an act for the caller or none, and is said so once", action)
	}
	for _, action := range hotline.Acts {
		require.True(t, found[action] || !strings.HasPrefix(action, "hotline."), "%s is written by nobody", action)
	}
}

func TestR59_ACallWhoseCallerHangsUpIsNoActOfTheAgent(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	agent := r.agent("zuoxi1")
	for range 7 {
		call, by := r.call(agent, wangPhone)
		_, err := r.Verify(t.Context(), by, call.ID, basic)
		require.NoError(t, err)
		_, err = r.PersonOf(t.Context(), r.in(by), call.ID)
		require.NoError(t, err)
		require.Equal(t, "ended", r.happens(hotline.CallEnded, call.ExchangeRef, "", wangPhone, ""))
		r.clock.Advance(time.Minute)
	}
	require.Len(t, r.entries("hotline.call.ended"), 7)
	raised := r.entries("hotline.flag.raised")
	require.Len(t, raised, 1)
	require.Equal(t, "looks_no_act", raised[0].Result)
}
