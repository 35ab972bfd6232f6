package api

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
)

const anApplication = "/v1/applications/0190a5b0-0000-7000-8000-000000000002"

func TestR69_CorrectionOverHTTP(t *testing.T) {
	t.Parallel()
	r, f := applicationRig(t)
	f.state = card.ApplicationSubmitted
	w := r.call("POST", anApplication+"/correction", `{"uploads":{"photo":"p2"}}`, bearer(citizenToken)...)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Equal(t, models.ID("p2"), f.form.Uploads[card.UploadPhoto])
	require.Empty(t, f.form.BankCode, "what is not named stays")
	require.NotContains(t, w.Body.String(), "corrections_left")
	for code, err := range map[string]*models.Error{"APPLICATION_NOT_RETURNED": card.ErrNotReturned, "CORRECTIONS_USED_UP": card.ErrCorrectionsUsedUp, "APPLICATION_BEING_SENT": card.ErrApplicationBeingSent} {
		f.err = err
		requireProblem(t, r.call("POST", anApplication+"/correction", `{}`, bearer(citizenToken)...), 409, code)
	}
	f.err = card.ErrCorrectionIncomplete
	requireProblem(t, r.call("POST", anApplication+"/correction", `{}`, bearer(citizenToken)...), 422, "CORRECTION_INCOMPLETE")
}

func TestR17_ReceiptOverHTTP(t *testing.T) {
	t.Parallel()
	r, f := applicationRig(t)
	w := r.call("GET", anApplication+"/receipt", "", bearer(citizenToken)...)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Equal(t, "application/pdf", w.Header().Get("Content-Type"))
	require.Contains(t, w.Header().Get("Content-Disposition"), "20211220-00000042-7")
	f.err = card.ErrSlipNotPrintable
	requireProblem(t, r.call("GET", anApplication+"/receipt", "", bearer(citizenToken)...), 503, "RECEIPT_NOT_PRINTABLE")
}

func TestWithdrawalOverHTTP(t *testing.T) {
	t.Parallel()
	r, f := applicationRig(t)
	f.state = card.ApplicationWithdrawing
	require.Equal(t, http.StatusAccepted, r.call("POST", anApplication+"/withdrawal", "", bearer(citizenToken)...).Code)
	f.state = card.ApplicationWithdrawn
	require.Equal(t, http.StatusOK, r.call("POST", anApplication+"/withdrawal", "", bearer(citizenToken)...).Code)
	f.err = card.ErrWithdrawTooLate
	requireProblem(t, r.call("POST", anApplication+"/withdrawal", "", bearer(citizenToken)...), 409, "WITHDRAW_TOO_LATE")
}
