package boot

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/models"
	"onecard/models/notice"
)

// The settings of dev, the adapter and the pretend vendor at the desk fit each other.
func TestTheSecondVendorOfDevIsAtTheDesk(t *testing.T) {
	t.Parallel()
	cfg := configs.Dev(t.TempDir())
	cfg.Sandbox.Addr = "127.0.0.1:0"
	d, err := OpenDesk(t.Context(), cfg, models.SystemClock{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	v, err := (&App{cfg: cfg.AtDesk(d.URL())}).openTencent()
	require.NoError(t, err)
	phone, err := models.ParsePhone("13800138000")
	require.NoError(t, err)
	m := notice.Message{DeliveryID: models.NewID(), Kind: notice.Code, Phone: phone, Params: map[string]string{"code": "862413"}}
	_, err = v.Send(t.Context(), m)
	require.NoError(t, err)

	res, err := http.Get(d.URL() + "/desk/messages?phone=13800138000")
	require.NoError(t, err)
	raw, err := io.ReadAll(res.Body)
	require.NoError(t, errors.Join(err, res.Body.Close()))
	var got struct {
		Messages []struct{ Text, Code string }
	}
	require.NoError(t, json.Unmarshal(raw, &got), string(raw))
	require.Len(t, got.Messages, 1)
	require.Equal(t, "862413", got.Messages[0].Code)
	require.True(t, strings.HasPrefix(got.Messages[0].Text, "【洛阳人社】验证码862413"), got.Messages[0].Text)

	res, err = http.Post(d.URL()+"/desk/faults", "application/json", strings.NewReader(`{"target":"sms_tencent","fault":"refuse","code":"FailedOperation.PhoneNumberInBlacklist","times":1}`))
	require.NoError(t, errors.Join(err, res.Body.Close()))
	require.Equal(t, http.StatusOK, res.StatusCode)
	_, err = v.Send(t.Context(), m)
	var refusal *notice.SendError
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, notice.Refused, refusal.Class)

	none, err := (&App{}).openTencent()
	require.NoError(t, err)
	require.Nil(t, none)
}

func TestReceiptsAreFetchedOnlyWhereTheSettingsSaySo(t *testing.T) {
	t.Parallel()
	a := &App{cfg: configs.Dev(t.TempDir()).AtDesk("http://127.0.0.1:1")}
	require.Empty(t, a.pullingSMS())
	require.NotEmpty(t, SMSAddresses(a.cfg, "https://us").Tencent)
}
