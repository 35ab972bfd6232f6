package api

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
)

type fakeSubscriptions struct {
	took []notice.TemplateAnswer
	err  error
}

func (f *fakeSubscriptions) view() notice.SubscriptionView {
	return notice.SubscriptionView{Channel: notice.WechatMini, Topics: []notice.TopicView{{
		Topic: notice.TopicArrivals, Title: "补贴到账", TemplateID: "tpl", State: notice.SubscriptionOff, OffReason: notice.OffRefused, Repair: "请点订阅,或拨打12333。",
	}}}
}

func (f *fakeSubscriptions) ListSubscriptions(context.Context, models.Actor) (notice.SubscriptionView, error) {
	return f.view(), f.err
}

func (f *fakeSubscriptions) AnswerSubscriptions(_ context.Context, _ models.Actor, answers []notice.TemplateAnswer) (notice.SubscriptionView, error) {
	f.took = append(f.took, answers...)
	return f.view(), f.err
}

func TestR62_WhatThePlatformWasAnsweredIsTakenWordForWord(t *testing.T) {
	t.Parallel()
	f := &fakeSubscriptions{}
	r := newRig(t, func(d *Deps) { d.Subscriptions = f })
	w := r.call("GET", "/v1/notices/subscriptions", "", bearer(citizenToken)...)
	require.Equal(t, 200, w.Code, w.Body.String())
	require.NotEmpty(t, w.Header().Get("ETag"))
	require.Contains(t, w.Body.String(), `"off_reason":"refused"`)

	w = r.call("POST", "/v1/notices/subscriptions", `{"answers":[{"template_id":"tpl","answer":"accept"},{"template_id":"tpl2","answer":"ban"}]}`, bearer(citizenToken)...)
	require.Equal(t, 200, w.Code, w.Body.String())
	require.Equal(t, []notice.TemplateAnswer{{TemplateID: "tpl", Answer: notice.AnsweredAccept}, {TemplateID: "tpl2", Answer: notice.AnsweredBan}}, f.took)

	w = r.call("POST", "/v1/notices/subscriptions", `{"answers":[{"template_id":"tpl","answer":"410303198001010015"}]}`, bearer(citizenToken)...)
	require.Equal(t, 422, w.Code)
	require.NotContains(t, w.Body.String(), "410303198001010015")
	require.Equal(t, 422, r.call("POST", "/v1/notices/subscriptions", `{"answers":[]}`, bearer(citizenToken)...).Code)
	require.Len(t, f.took, 2)

	for err, code := range map[*models.Error]int{notice.ErrSubscriptionBorrowed: 403, notice.ErrSubscriptionFollow: 409, notice.ErrSubscriptionUnknown: 422} {
		f.err = err
		requireProblem(t, r.call("POST", "/v1/notices/subscriptions", `{"answers":[{"template_id":"tpl","answer":"accept"}]}`, bearer(citizenToken)...), code, err.Code)
	}
}
