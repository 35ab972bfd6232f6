package scenario

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

func TestR32_LossIsEffectiveAtOnceAndARepeatIsTheFirstRecord(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.AtPhone("wechat_mini", "wang")
	card := wang.Card()
	first := wang.Post("/v1/loss-reports", map[string]string{"card_id": card}).Is(http.StatusCreated)
	require.Equal(t, "effective", first.Text("state"))
	require.NotEmpty(t, first.Text("registry_reference"))
	require.Contains(t, wang.SocialTile(), "已停用")

	again := wang.Post("/v1/loss-reports", map[string]string{"card_id": card}).Is(http.StatusOK)
	require.Equal(t, first.Text("loss_id"), again.Text("loss_id"))
	require.Equal(t, 1, r.Told("wang", "社保账户已挂失", "银行账户没有停用"))
	require.Len(t, r.Decisions("card.loss.reported"), 1)
}
