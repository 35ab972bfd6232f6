package sms_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sandbox/fault"
	gateway "onecard/integrations/sandbox/sms"
	"onecard/integrations/sms"
	"onecard/integrations/sms/smstest"
	"onecard/models"
	"onecard/models/notice"
)

// The codes that the SDK's documents list for SendSms (sms/v20210111/client.go of v1.3.57), and what each means for us.
func TestEveryCodeOfTheSecondVendorIsClassed(t *testing.T) {
	t.Parallel()
	o := newOther(t, nil)
	v := o.vendor(t, nil)
	classes := map[notice.Class][]string{
		notice.Refused: {
			"FailedOperation.ContainSensitiveWord", "FailedOperation.PhoneNumberInBlacklist", "InvalidParameterValue.ContentLengthLimit",
			"InvalidParameterValue.IncorrectPhoneNumber", "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter", "LimitExceeded.PhoneNumberCountLimit",
			"MissingParameter.EmptyPhoneNumberSet", "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone",
			"UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber", "UnsupportedOperation.GlobalTemplateToChineseMainlandPhone",
			"UnsupportedOperation.UnsupportedRegion", "FailedOperation.MarketingSendTimeConstraint", "UnauthorizedOperation.IndividualUserMarketingSmsPermissionDeny",
		},
		notice.FateUnknown: {"InternalError.SendAndRecvFail", "InternalError.Timeout", "InternalError.UnknownError", "InternalError.OtherError", "InternalError.ParseBackendResponseFail"},
		notice.NotAccepted: {
			"FailedOperation.FailResolvePacket", "FailedOperation.InsufficientBalanceInSmsPackage", "FailedOperation.JsonParseFail",
			"FailedOperation.SignatureIncorrectOrUnapproved", "FailedOperation.TemplateIncorrectOrUnapproved", "FailedOperation.TemplateParamSetNotMatchApprovedTemplate",
			"FailedOperation.TemplateUnapprovedOrNotExist", "InternalError.RequestTimeException", "InternalError.RestApiInterfaceNotExist",
			"InternalError.SigFieldMissing", "InternalError.SigVerificationFail", "InvalidParameterValue.SdkAppIdNotExist",
			"InvalidParameterValue.TemplateParameterFormatError", "InvalidParameterValue.TemplateParameterLengthLimit", "LimitExceeded.AppDailyLimit",
			"LimitExceeded.DailyLimit", "LimitExceeded.DeliveryFrequencyLimit", "LimitExceeded.PhoneNumberDailyLimit", "LimitExceeded.PhoneNumberOneHourLimit",
			"LimitExceeded.PhoneNumberSameContentDailyLimit", "LimitExceeded.PhoneNumberThirtySecondLimit", "UnauthorizedOperation.RequestIpNotInWhitelist",
			"UnauthorizedOperation.RequestPermissionDeny", "UnauthorizedOperation.SdkAppIdIsDisabled", "UnauthorizedOperation.ServiceSuspendDueToArrears",
			"UnauthorizedOperation.SmsSdkAppIdVerifyFail", "RequestLimitExceeded.IPLimitExceeded", "AuthFailure.SignatureExpire", "OfANewerRelease.NotKnown",
		},
	}
	for class, codes := range classes {
		for _, code := range codes {
			require.NoError(t, o.gate.Faults().Next("SendSms", 1, fault.Failure{Mode: fault.Refuse, Code: code}))
			_, err := v.Send(t.Context(), message(t, notice.LossLapsed, map[string]string{"date": "近日"}))
			e := requireClass(t, err, class, code)
			require.Equal(t, class == notice.NotAccepted, e.After > 0, code)
		}
	}
	require.Empty(t, o.gate.Messages(""))
}

func TestTheSecondVendorRefusesForgedAndStaleCalls(t *testing.T) {
	t.Parallel()
	o := newOther(t, nil)
	var genuine *http.Request
	var body string
	tap := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		body, genuine = string(raw), r.Clone(t.Context())
		_, _ = io.WriteString(w, `{"Response":{"SendStatusSet":[{"Code":"Ok","SerialNo":"1"}],"RequestId":"1"}}`)
	}))
	t.Cleanup(tap.Close)
	_, err := o.vendor(t, func(c *sms.TencentConfig) { c.URL = tap.URL }).Send(t.Context(), message(t, notice.LossLapsed, map[string]string{"date": "近日"}))
	require.NoError(t, err)
	replay := func(change func(*http.Request), body string) string {
		r := genuine.Clone(t.Context())
		change(r)
		r.Body = io.NopCloser(strings.NewReader(body))
		w := httptest.NewRecorder()
		o.gate.Handler().ServeHTTP(w, r)
		require.Equal(t, http.StatusOK, w.Code)
		return w.Body.String()
	}
	same := func(*http.Request) {}
	require.Contains(t, replay(same, strings.Replace(body, phone, "13900139000", 1)), "AuthFailure.SignatureFailure")
	for want, change := range map[string]func(*http.Request){
		"NoSuchVersion":                    func(r *http.Request) { r.Header.Set("X-Tc-Version", "2019-07-11") },
		"MissingParameter":                 func(r *http.Request) { r.Header.Del("X-Tc-Region") },
		"AuthFailure.InvalidAuthorization": func(r *http.Request) { r.Header.Set("Authorization", "TC3-HMAC-SHA1 x=y") },
		"AuthFailure.SecretIdNotFound": func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "Credential=id", "Credential=i", 1))
		},
		"AuthFailure.SignatureExpire": func(r *http.Request) {
			r.Header.Set("X-Tc-Timestamp", strconv.FormatInt(time.Now().Add(-time.Hour).Unix(), 10))
		},
		"AuthFailure.SignatureFailure": func(r *http.Request) { r.Host = "elsewhere" },
	} {
		require.Contains(t, replay(change, body), want)
	}
	require.Empty(t, o.gate.Messages(""))
	require.Contains(t, replay(same, body), `"Code":"Ok"`)
	require.Len(t, o.gate.Messages(phone), 1)
}

// The sample of https://cloud.tencent.com/document/product/382/59178 (as the international site has it, document 43547).
const tencentPublished = `[{"user_receive_time":"2015-10-17 08:03:04","nationcode":"86","mobile":"13xxxxxxxxx","report_status":"SUCCESS",
"errmsg":"DELIVRD","description":"用户短信送达成功","sid":"xxxxxxx"%s}]`

func TestTheSecondVendorsPublishedSamplesAreRead(t *testing.T) {
	t.Parallel()
	c, from, id := newTencentCallback(t, models.SystemClock{}), netip.MustParseAddr("1.2.3.4"), models.NewID()
	want := notice.Receipt{Vendor: "tencent", VendorID: "xxxxxxx", Delivered: true, Code: "DELIVRD", At: time.Date(2015, 10, 17, 0, 3, 4, 0, time.UTC)}
	got, err := c.Receipts(smstest.Token, from, fmt.Appendf(nil, tencentPublished, ""))
	require.NoError(t, err)
	require.Equal(t, []notice.Receipt{want}, got)
	want.DeliveryID = id
	got, err = c.Receipts(smstest.Token, from, fmt.Appendf(nil, tencentPublished, fmt.Sprintf(`,"ext":%q`, id)))
	require.NoError(t, err)
	require.Equal(t, []notice.Receipt{want}, got)

	// https://cloud.tencent.com/document/product/382/59179 (43548 there), with a number and a word.
	replies, err := c.Replies(smstest.Token, from, []byte(`{"extend":"扩展码","mobile":"13800138000","nationcode":"86","sign":"短信签名","text":"退订","time":1457336869}`))
	require.NoError(t, err)
	require.Len(t, replies, 1)
	require.Equal(t, notice.ReplyStop, replies[0].Word)
	require.Equal(t, int64(1457336869), replies[0].At.Unix())

	narrow := newTencentCallback(t, models.SystemClock{}, "100.64.0.0/10")
	_, err = narrow.Receipts(smstest.Token, from, []byte("[]"))
	require.ErrorIs(t, err, notice.ErrCallback)
}

func TestReceiptsAndRepliesArePulledOnce(t *testing.T) {
	t.Parallel()
	for _, sessions := range []bool{false, true} {
		o := newOther(t, func(c *gateway.TencentConfig) { c.Sessions = sessions })
		v := o.vendor(t, nil)
		var ids []models.ID
		for range 3 {
			m := message(t, notice.LossLapsed, map[string]string{"date": "近日"})
			_, err := v.Send(t.Context(), m)
			require.NoError(t, err)
			ids = append(ids, m.DeliveryID)
		}
		got, err := v.PullReceipts(t.Context(), 100)
		require.NoError(t, err)
		require.Empty(t, got)
		o.gate.Settle(nil, "")
		got, err = v.PullReceipts(t.Context(), 2)
		require.NoError(t, err)
		require.Len(t, got, 2)
		more, err := v.PullReceipts(t.Context(), 100)
		require.NoError(t, err)
		got = append(got, more...)
		require.Len(t, got, 3)
		for i, r := range got {
			require.True(t, r.Delivered)
			require.Equal(t, phone, r.Phone.Reveal())
			require.NotEmpty(t, r.VendorID)
			if sessions {
				require.Equal(t, ids[i], r.DeliveryID)
			}
		}
		answer, err := v.Ask(t.Context(), notice.Question{DeliveryID: ids[0], Phone: got[0].Phone, Day: models.DateOf(o.clock.Now())})
		require.NoError(t, err)
		require.Equal(t, sessions, answer.Fate == notice.Settled, "our own id is in its lists only where it switched that on")

		o.gate.Reply(phone, "TD")
		replies, err := v.PullReplies(t.Context(), 100)
		require.NoError(t, err)
		require.Len(t, replies, 1)
		require.Equal(t, notice.ReplyStop, replies[0].Word)
		replies, err = v.PullReplies(t.Context(), 100)
		require.NoError(t, err)
		require.Empty(t, replies)

		require.NoError(t, o.gate.Faults().Next("PullSmsSendStatus", 1, fault.Failure{Mode: fault.Refuse, Code: "FailedOperation.13800138000"}))
		_, err = v.PullReceipts(t.Context(), 100)
		requireClass(t, err, notice.NotAccepted, "code_not_shown")
	}
}

func TestSettingsOfTheSecondVendorThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	for _, spoil := range []func(*sms.TencentConfig){
		func(c *sms.TencentConfig) { c.URL = "sms.tencentcloudapi.com" }, func(c *sms.TencentConfig) { c.SecretKey = "" },
		func(c *sms.TencentConfig) { c.SDKAppID = "" }, func(c *sms.TencentConfig) { c.SignName = "" }, func(c *sms.TencentConfig) { c.Region = "" },
	} {
		cfg := sms.TencentConfig{URL: "https://x", SecretID: "id", SecretKey: "key", SDKAppID: "14", SignName: "洛阳人社", Region: "ap-guangzhou"}
		spoil(&cfg)
		_, err := sms.NewTencent(cfg)
		require.Error(t, err)
	}
}

func FuzzTencentPushes(f *testing.F) {
	f.Add([]byte(tencentPublished))
	f.Add([]byte(`{"mobile":"13800138000","text":"TD","time":1457336869}`))
	f.Add([]byte(`[{"report_status":"FAIL","sid":"1","mobile":"8613800138000","user_receive_time":"?"}]`))
	c, err := sms.NewTencentCallback(smstest.Token, nil, models.SystemClock{})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := c.Receipts(smstest.Token, netip.Addr{}, body)
		for _, r := range got {
			require.NoError(t, err)
			require.True(t, r.VendorID != "" || r.DeliveryID != "")
		}
		replies, err := c.Replies(smstest.Token, netip.Addr{}, body)
		for _, r := range replies {
			require.NoError(t, err)
			require.False(t, r.Phone.IsZero())
		}
	})
}
