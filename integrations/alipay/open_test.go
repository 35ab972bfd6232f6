package alipay_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/integrations/alipay"
	"onecard/models"
)

func TestOpenMakesEveryAppInTheSettings(t *testing.T) {
	t.Parallel()
	r := start(t)
	cfg, mini := r.settings(t, miniID, "mini")
	_, life := r.settings(t, lifeID, "life")
	life.RealPerson = false
	cfg.Apps = []configs.AlipayApp{mini, life}
	apps, err := alipay.Open(cfg, "https://card.test/v1/authorizations/alipay_life/return", "https://card.test/m/", r.deps())
	require.NoError(t, err)
	require.Len(t, apps.Logins, 2)
	require.Len(t, apps.Phones, 1)
	require.Len(t, apps.Faces, 1)
	require.Equal(t, models.AlipayLife, apps.Logins[1].Platform())
	require.Equal(t, lifeID, apps.Logins[1].AppID())
	_, err = alipay.Open(cfg, "https://card.test/return", "", r.deps())
	require.Error(t, err)
}
