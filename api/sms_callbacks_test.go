package api

import "testing"

// A vendor pushes from few addresses, thousands a minute; only who guesses tokens is held back.
func TestPushesWithTheRightTokenAreNotCounted(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(d *Deps) {
		d.Figures.GuestWrites = 5
		d.SMS, d.SMSAliyun = &fakeNotices{}, &fakeReceipts{}
	})
	for range 30 {
		if w := r.call("POST", "/callbacks/sms/aliyun/right", "[]"); w.Code != 200 {
			t.Fatal(w.Code, w.Body.String())
		}
	}
	for range wrongTokens {
		requireProblem(t, r.call("POST", "/callbacks/sms/aliyun/wrong", "[]"), 401, "CALLBACK_NOT_VERIFIED")
	}
	requireProblem(t, r.call("POST", "/callbacks/sms/aliyun/wrong", "[]"), 429, "RATE_LIMITED")
	if w := r.call("POST", "/callbacks/sms/aliyun/right", "[]"); w.Code != 200 {
		t.Fatal("whoever guesses beside the vendor does not silence it", w.Code)
	}
}
