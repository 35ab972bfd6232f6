package configs

import "regexp"

var sdkAppForm = regexp.MustCompile(`^1[0-9]{9}$`)

// tencent checks that the second carrier, where it is used, can be called, and that its answers have a way to us.
func (c Config) tencent(found *Findings) {
	t := c.SMS.Tencent
	if t.SecretID == "" {
		return
	}
	for _, r := range []struct {
		bad          bool
		key, problem string
	}{
		{!t.SecretKey.IsSet(), "sms.tencent.secret_key", "is empty; it belongs to secret_id"},
		{!sdkAppForm.MatchString(t.SDKAppID), "sms.tencent.sdk_app_id", "is not the number of an SMS application, like 1400006666"},
		{t.SignName == "", "sms.tencent.sign_name", "is empty; write the signature approved there"},
		{t.Region == "", "sms.tencent.region", "is empty; write ap-guangzhou"},
		{!t.CallbackToken.IsSet() && !t.PullReceipts, "sms.tencent.callback_token", "is empty and pull_receipts is off: no receipt would ever come"},
		{t.CallbackToken.IsSet() && shared(t.CallbackToken, leastSecret), "sms.tencent.callback_token", "is shorter than 16 characters"},
	} {
		if r.bad {
			found.add(r.key, "%s", r.problem)
		}
	}
}

// tencentInProduction asks for the rest where it is used: texts filed under codes of their own, and a real secret.
func (c Config) tencentInProduction(found *Findings) {
	t := c.SMS.Tencent
	if t.SecretID == "" {
		return
	}
	if shared(t.SecretKey, leastSecret) {
		found.add("sms.tencent.secret_key", "is missing or shorter than 16 characters")
	}
	t.Templates.filed(found, "sms.tencent.templates", filedNumber, "1830001")
}
