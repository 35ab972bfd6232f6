package scenario

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// The holder on somebody else's phone: her own check, fifteen minutes, nothing bound.
func TestR67_ABorrowedSessionIsTheHoldersForFifteenMinutes(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	owner := r.LogIn("wechat_mini", "chen")
	holder := r.Person("wang")
	version := func(purpose string) string {
		texts := owner.Get("/v1/me/consents").Is(http.StatusOK)
		for i := range texts.List("items") {
			if texts.Text("items", i, "purpose") == purpose {
				return texts.Text("items", i, "version")
			}
		}
		return ""
	}
	begun := owner.Post("/v1/sessions/borrowed", map[string]string{
		"name": holder.Name, "id_number": holder.IDNumber, "notice_version": version("privacy_notice"), "face_version": version("face"),
	}).Is(http.StatusCreated)
	r.Shows("wang")
	raised := owner.Post("/v1/me/checks/"+begun.Text("check_id")+"/finish", nil).Is(http.StatusOK)
	require.Equal(t, "borrowed", raised.Text("session", "kind"))
	holder.Token = raised.Text("token")
	require.NotEqual(t, owner.Token, holder.Token)

	lent := r.Decisions("citizen.session.borrowed")
	require.Len(t, lent, 1)
	require.Equal(t, lent[0].ActorID, lent[0].SubjectID, "it counts as the holder")
	require.Equal(t, "fresh", lent[0].Level)

	loss := lose(holder).Is(http.StatusCreated).Text("loss_id")
	require.Equal(t, lent[0].ActorID, r.Decisions("card.loss.reported")[0].ActorID)
	release(holder, loss).Is(http.StatusOK)
	owner.Get("/v1/cards").Refused(http.StatusForbidden, "BINDING_REQUIRED")
	r.Later(15*time.Minute + time.Second)
	holder.Get("/v1/cards").Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
	owner.Get("/v1/cards").Refused(http.StatusForbidden, "BINDING_REQUIRED")
	require.Empty(t, r.Decisions("citizen.account.bound"))

	// Nothing of it reaches the phone that was lent: neither its owner's messages nor, once she is bound, what she sees.
	require.Zero(t, r.Told("chen", "挂失"))
	require.Equal(t, 1, r.Told("wang", "社保账户已解挂"), "the holder's own phone hears of it")
	chen := r.Fresh("wechat_mini", "chen")
	require.Empty(t, chen.Get("/v1/notices").Is(http.StatusOK).List("items")[1:], "that she is bound, and nothing else")
	require.Empty(t, chen.Get("/v1/loss-reports").Is(http.StatusOK).List("items"))
	chen.Get("/v1/loss-reports/"+loss).Refused(http.StatusNotFound, "LOSS_NOT_FOUND")
}
