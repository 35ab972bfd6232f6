package scenario

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/configs"
	"onecard/models/citizen"
)

// TestR61_CodesAskedForAndNeverTypedInAlarmOnce is somebody who has codes sent by one app and uses none; in another app people
// bind with theirs. The first is named, once an hour; the second is not.
func TestR61_CodesAskedForAndNeverTypedInAlarmOnce(t *testing.T) {
	t.Parallel()
	people := []string{"wang", "li", "zhao", "chen"}
	r := boottest.Start(t, boottest.With(func(c *configs.Config) { c.SMS.CodesJudgedFrom, c.SMS.CodesUsedLeast = len(people), 50 }))
	alarms := func() int { return strings.Count(r.Log.String(), `"code":"CODES_NOT_USED"`) }
	for _, who := range people {
		r.AtPhone("alipay_mini", who)
	}
	r.Later(time.Minute)
	for _, who := range people {
		c := r.LogIn("wechat_mini", who)
		c.Consent("privacy_notice")
		c.Post("/v1/me/binding/codes", map[string]string{"name": c.Name, "id_number": c.IDNumber, "phone": c.Phone}).Is(http.StatusAccepted)
	}
	r.Work()
	require.Zero(t, alarms(), "they may still be typed in")
	r.Later(citizen.CodeLife + time.Minute)
	require.Equal(t, 1, alarms())
	r.Later(5 * time.Minute)
	require.Equal(t, 1, alarms(), "once")
	line := r.Log.String()
	line = line[strings.Index(line, `"code":"CODES_NOT_USED"`):]
	line, _, _ = strings.Cut(line, "\n")
	require.Contains(t, line, `"app":"wechat mini","sent":4,"used":0`)
	require.NotContains(t, r.Log.String(), `"code":"CODES_NOT_USED","app":"alipay`)
}
