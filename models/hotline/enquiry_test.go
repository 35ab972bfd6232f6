package hotline_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

func (r *rig) opened(cause string, person models.ID) hotline.Enquiry {
	e, entry := hotline.NewCase(cause, "loss_unconfirmed", person, "loss_reports", "r1", r.clock.Now(), 7)
	r.m.rows.cases[e.ID] = e
	require.Equal(r, person, entry.SubjectID)
	return e
}

func TestEnquiriesAreSeenByTheirPersonAndByRoles(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.opened("loss:1", r.wang.ID)
	r.opened("loss:2", models.NewID())
	wang := models.Actor{Kind: models.CitizenActor, ID: r.wang.ID, Subject: r.wang.ID, Level: models.LevelPhone}
	mine, err := r.MyEnquiries(t.Context(), wang, hotline.Page{Limit: 20})
	require.NoError(t, err)
	require.Len(t, mine, 1)
	all, err := r.OpenEnquiries(t.Context(), r.agent("zuoxi1"), hotline.EnquiryReceived, hotline.Page{Limit: 20})
	require.NoError(t, err)
	require.Len(t, all, 2)
	_, err = r.OpenEnquiries(t.Context(), r.agent("admin1", "administrator"), hotline.EnquiryReceived, hotline.Page{Limit: 20})
	require.ErrorIs(t, err, hotline.ErrNotPermitted)
	_, err = r.OpenEnquiries(t.Context(), wang, hotline.EnquiryReceived, hotline.Page{Limit: 20})
	require.ErrorIs(t, err, hotline.ErrNotLoggedIn)
	r.m.allowed = models.ErrForbidden
	_, err = r.MyEnquiries(t.Context(), wang, hotline.Page{Limit: 20})
	require.ErrorIs(t, err, models.ErrForbidden)
}

func TestR55_WhichProgrammeIsAskedAboutIsToldAtRealOnly(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	e, _ := hotline.NewCase("explanation:1", "subsidy_missing", r.wang.ID, "programmes", "P26", r.clock.Now(), 8)
	r.m.rows.cases[e.ID] = e
	wang := models.Actor{Kind: models.CitizenActor, ID: r.wang.ID, Subject: r.wang.ID, Level: models.LevelPhone}
	for level, want := range map[models.Level]string{models.LevelPhone: "", models.LevelReal: "P26"} {
		wang.Level = level
		mine, err := r.MyEnquiries(t.Context(), wang, hotline.Page{Limit: 20})
		require.NoError(t, err)
		require.Len(t, mine, 1)
		require.Equal(t, want, mine[0].ObjectID)
		require.Equal(t, e.Number, mine[0].Number)
	}
}

func TestSettledCaseClosesWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	e := r.opened("loss:1", r.wang.ID)
	require.True(t, models.ValidReceiptNumber(e.Number))
	require.NoError(t, r.SettleCase(t.Context(), "loss:1"))
	require.NoError(t, r.SettleCase(t.Context(), "never opened"))
	require.Len(t, r.entries("hotline.enquiry.closed"), 1)
	require.Equal(t, hotline.EnquiryClosed, r.m.rows.cases[e.ID].State)
}
