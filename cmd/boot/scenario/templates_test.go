package scenario

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/cmd/boot/boottest"
	"onecard/configs"
	"onecard/integrations/sandbox/sms"
	"onecard/models/notice"
)

func alarms(t *testing.T, r *boottest.Rig, code string) (n float64) {
	t.Helper()
	families, err := r.App.Metrics().Gather()
	require.NoError(t, err)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "onecard_alarms_total" && m.GetLabel()[0].GetValue() == code {
				n += m.GetCounter().GetValue()
			}
		}
	}
	return n
}

// A vendor stops a text: the other one carries it. Both do: it waits, an operator is told, and it goes once one approves.
func TestATextThatAVendorStoppedGoesByTheOtherOrWaits(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t, boottest.With(func(c *configs.Config) { c.SMS.TemplatesMinutes = 1 }))
	first, second := "SMS_DEMO_ARRIVAL", configs.DemoNumbers().ByKind()["arrival"]
	credit := func() {
		r.Happens("credit", "wang", map[string]any{"programme": "41", "amount_fen": 33_800})
		r.Work()
	}
	told := func() (aliyun, tencent int) {
		for _, m := range r.Desk.City.SMS.Messages("") {
			if m.TemplateCode == first {
				aliyun++
			}
		}
		for _, m := range r.Desk.City.Tencent.Messages("") {
			if m.TemplateCode == second {
				tencent++
			}
		}
		return aliyun, tencent
	}
	credit()
	a, b := told()
	require.Equal(t, []int{1, 0}, []int{a, b}, "dev starts approved")

	r.Happens("sms_template", "wang", map[string]any{"code": first, "state": "rejected", "reason": "内容不规范"})
	r.Later(2 * time.Minute)
	require.Len(t, r.Decisions("notice.template.changed"), 1)
	credit()
	a, b = told()
	require.Equal(t, []int{1, 1}, []int{a, b})
	require.Zero(t, alarms(t, r, "TEMPLATE_NOT_APPROVED"))

	require.NoError(t, r.Desk.City.Tencent.Decide(second, sms.Stopped, ""))
	r.Later(2 * time.Minute)
	r.Later(2 * time.Minute)
	credit()
	a, b = told()
	require.Equal(t, []int{1, 1}, []int{a, b}, "never a text that nobody approved")
	require.InDelta(t, 1, alarms(t, r, "TEMPLATE_NOT_APPROVED"), 0, "once an hour")

	run := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := boot.TemplatesCommand(t.Context(), r.App.Templates(), args, &out)
		return out.String(), err
	}
	said, err := run("list", "--vendor", "aliyun")
	require.NoError(t, err)
	require.Regexp(t, `aliyun\s+arrival\s+\w+\s+SMS_DEMO_ARRIVAL\s+refused\s+\S+ \S+\s+vendor\s+内容不规范`, said)
	require.Regexp(t, `aliyun\s+bound\s+.*goes out`, said)

	r.Happens("sms_template", "wang", map[string]any{"code": first, "state": "approved"})
	said, err = run("sync")
	require.NoError(t, err)
	require.Contains(t, said, "refused → approved")
	r.Later(2 * time.Minute)
	a, b = told()
	require.Equal(t, []int{2, 1}, []int{a, b}, "what waited went once it was approved")
}

func TestTheOperatorsWordAboutAPlatformsTemplate(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	run := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := boot.TemplatesCommand(t.Context(), r.App.Templates(), args, &out)
		return out.String(), err
	}
	app := notice.PlaceOf(notice.AlipayMini, r.Config().Alipay.Apps[0].AppID)
	said, err := run("set", app, "arrivals", "paused", "--reason", "控制台提示类目不支持")
	require.NoError(t, err)
	require.Contains(t, said, "approved → paused 控制台提示类目不支持")
	said, err = run("list", "--json", "--vendor", app)
	require.NoError(t, err)
	require.Contains(t, said, `"template":"arrivals"`)
	require.Contains(t, said, `"state":"paused"`)
	said, err = run("sync")
	require.NoError(t, err, "every pretend vendor answers")
	require.Equal(t, "0 changed\n", said, "and has what dev starts with")
	said, err = run("file")
	require.NoError(t, err)
	require.Equal(t, "0 texts are written down as filed\n", said)
	for _, wrong := range [][]string{
		nil, {"set", app, "arrivals", "paused"}, {"set", app, "arrivals", "paused", "--reason", "x"}, {"set", app, "arrivals", "draft", "--reason", "some words"},
		{"set", "nobody", "arrivals", "paused", "--reason", "some words"}, {"list", "more"}, {"sync", "now"}, {"send"},
	} {
		_, err = run(wrong...)
		require.ErrorIs(t, err, boot.ErrUsage, "%v", wrong)
	}
}
