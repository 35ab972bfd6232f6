package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models/audit"
	"onecard/models/citizen"
)

// TestR57_RefusedClaimsAreAuditedWithoutTheClaim: whoever tries out people leaves a trace, and the trace names nobody.
func TestR57_RefusedClaimsAreAuditedWithoutTheClaim(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		refusals := func(account string) (of []audit.Entry) {
			entries, err := r.db.AuditOf(t.Context(), "platform_accounts", account)
			require.NoError(t, err)
			for _, e := range entries {
				if e.Action == "citizen.claim.refused" {
					of = append(of, e)
				}
			}
			return of
		}
		owner := r.bound(t, "o-owner", wang())
		by := r.readyToBind(t, "o-1")
		wrong := map[string]citizen.Claim{
			"unknown person": {Name: "王建国", IDNumber: "810000199408230021", Phone: wangPhone},
			"wrong name":     {Name: "王建华", IDNumber: liID, Phone: "13900000002"},
			"wrong phone":    {Name: "李雪梅", IDNumber: liID, Phone: "13700000009"},
		}
		n := 0
		for name, claim := range wrong {
			_, err := r.RequestBindingCode(t.Context(), by, claim)
			require.ErrorIs(t, err, citizen.ErrIdentityNotMatched, name)
			n++
			require.Len(t, refusals(string(by.AccountID)), n, name)
		}
		_, err := r.BeginBindingCheck(t.Context(), by, wrong["wrong name"])
		require.ErrorIs(t, err, citizen.ErrIdentityNotMatched)
		_, err = r.RedeemSlip(t.Context(), by, "NO-SUCH-SLIP", childID)
		require.ErrorIs(t, err, citizen.ErrCodeInvalid)
		_, err = r.RequestBindingCode(t.Context(), by, wang())
		require.ErrorIs(t, err, citizen.ErrBindTriesUsedUp)
		var codes []string
		for _, e := range refusals(string(by.AccountID)) {
			require.Equal(t, "refused", e.Result)
			require.Equal(t, string(by.SessionID), e.Detail["session"])
			require.Empty(t, e.SubjectID, "nobody is known to have been meant")
			require.Len(t, e.Detail, 2)
			codes = append(codes, e.Detail["code"])
		}
		require.Equal(t, []string{"IDENTITY_NOT_MATCHED", "IDENTITY_NOT_MATCHED", "IDENTITY_NOT_MATCHED", "IDENTITY_NOT_MATCHED",
			"CODE_INVALID", "BIND_TRIES_USED_UP"}, codes)

		// On a borrowed phone the phone's owner is not the one who was claimed to be.
		agreed := map[citizen.Purpose]string{}
		for _, p := range []citizen.Purpose{citizen.PurposePrivacyNotice, citizen.PurposeFace} {
			doc, _ := citizen.DocumentFor(p)
			agreed[p] = doc.Version
		}
		_, err = r.BeginBorrowing(t.Context(), owner, wrong["unknown person"], agreed)
		require.ErrorIs(t, err, citizen.ErrIdentityNotMatched)
		require.Empty(t, refusals(string(owner.AccountID))[0].SubjectID)

		all := dump(t, r.db, "audit_entries")
		for _, personal := range []string{"810000199408230021", liID, wangPhone, "13700000009", "王建华", "李雪梅"} {
			require.NotContains(t, all, personal)
		}
	})
}
