package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// R1: amounts and entitlement are shown, never written: no operation on money takes an unsafe method.
func TestR1_AmountsAndEntitlementCannotBeWritten(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	readOnly := []string{"/v1/arrivals", "/v1/programmes"}
	for _, o := range r.ops {
		for _, prefix := range readOnly {
			if !strings.HasPrefix(o.Path, prefix) {
				continue
			}
			// Feedback on an arrival, and a report of misuse from one, say something about it and change none.
			says := strings.HasSuffix(o.Path, "/feedback") || strings.HasSuffix(o.Path, "/misuse-reports")
			require.True(t, o.Method == http.MethodGet || says, o.ID)
			for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete} {
				w := r.call(method, samplePath(o.Path), `{"amount_fen":1}`, bearer(citizenToken)...)
				requireProblem(t, w, 405, "METHOD_NOT_ALLOWED")
			}
		}
	}
}

// R2: no operation takes another bank account for a payee.
func TestR2_NoOperationTakesAPayeeAccount(t *testing.T) {
	t.Parallel()
	everyStrictOperation(t, func(send func(body string) Problem, _ *operation) {
		for _, key := range []string{"bank_account", "payee_account", "payee_bank_account", "bankCardNo"} {
			require.Equal(t, "PAYEE_ACCOUNT_NOT_EDITABLE", send(fmt.Sprintf(`{%q:"6217001234567890123"}`, key)).Code)
		}
	})
}

// R29: no operation takes a PIN, and none is logged.
func TestR29_NoOperationTakesAPIN(t *testing.T) {
	t.Parallel()
	r := everyStrictOperation(t, func(send func(body string) Problem, o *operation) {
		for _, key := range []string{"pin", "password", "Password", "new_pin"} {
			p := send(fmt.Sprintf(`{"card_id":"x","deep":{%q:"123456"}}`, key))
			if !o.AcceptsPassword {
				require.Equal(t, "PIN_NOT_ACCEPTED", p.Code, o.ID)
			}
		}
	})
	require.NotContains(t, r.log.String(), "123456")
	var exempt []string
	for _, o := range r.ops {
		if o.AcceptsPassword {
			exempt = append(exempt, o.ID)
			require.False(t, strings.HasPrefix(o.Path, "/v1/"), "no citizen ever types a password here: %s", o.ID)
		}
	}
	slices.Sort(exempt)
	require.Equal(t, []string{"beginEnrolment", "changeOwnPassword", "confirmEnrolment", "logInAgent", "openSample", "renewRecoveryCodes"}, exempt,
		"where the staff prove who they are, and nowhere else")
}

// R67: every personal operation hands the use case an actor with session and level, never a guest.
func TestR67_NoPersonalOperationWithoutASession(t *testing.T) {
	t.Parallel()
	r := newRig(t).withSample()
	for _, o := range r.ops {
		if o.personal() {
			requireProblem(t, r.call(o.Method, samplePath(o.Path), ""), 401, "LOGIN_REQUIRED")
		}
	}
}

func everyStrictOperation(t *testing.T, check func(send func(body string) Problem, o *operation)) *rig {
	t.Helper()
	r := newRig(t).withSample()
	strict := slices.DeleteFunc(slices.Clone(r.ops), func(o *operation) bool { return !o.strict })
	require.NotEmpty(t, strict)
	for _, o := range strict {
		q := &refusalCase{rig: r, t: t, o: o, path: samplePath(o.Path)}
		check(func(body string) Problem {
			return requireProblem(t, q.send(body), 422, codeIn(q.send(body).Body.String()))
		}, o)
	}
	return r
}

// codeIn is the code of a problem in its wire form.
func codeIn(body string) string {
	_, after, _ := strings.Cut(body, `"code":"`)
	code, _, _ := strings.Cut(after, `"`)
	return code
}
