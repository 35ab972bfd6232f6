package boot

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/models"
	"onecard/models/notice"
)

// A vendor that is asked and fails is asked again in the next round, by any replica, and not a span later.
func TestAFailedQuestionToVendorsIsRepeated(t *testing.T) {
	t.Parallel()
	a, clock, _ := watchRoom(t, func(*configs.Config) {})
	other, _, _ := watchRoom(t, func(*configs.Config) {})
	other.db = a.db
	down, asked := true, 0
	ask := func(context.Context) error {
		if asked++; down {
			return errors.New("no answer")
		}
		return nil
	}
	span := "2021-12-20T02:00:00Z"
	require.ErrorContains(t, a.askOnce(t.Context(), clock.Now(), span, ask), "no answer")
	dying, stop := context.WithCancel(t.Context())
	err := other.askOnce(dying, clock.Now(), span, func(ctx context.Context) error { stop(); return ask(ctx) })
	require.ErrorContains(t, err, "no answer")
	down = false
	for range 3 {
		require.NoError(t, a.askOnce(t.Context(), clock.Now(), span, ask))
		require.NoError(t, other.askOnce(t.Context(), clock.Now(), span, ask))
	}
	require.Equal(t, 3, asked, "twice in vain, and once for all replicas")
}

// While a text may go out nowhere its messages wait, so vendors are asked every minute; then once in a span.
func TestVendorsAreAskedEveryMinuteWhileATextMayGoOutNowhere(t *testing.T) {
	t.Parallel()
	a, clock, _ := watchRoom(t, func(c *configs.Config) { c.SMS.TemplatesMinutes = 10 })
	desk := &approving{}
	codes := map[string]string{}
	for _, text := range notice.TextsOf(notice.SMS) {
		codes[text.Template] = "SMS_" + text.Template
	}
	places := []notice.FilingPlace{{Vendor: "aliyun", Channel: notice.SMS, Codes: codes, Asker: desk}}
	a.filings, a.book = notice.NewFilings(a.db.TemplateFilings(), places), notice.NewBook(a.db.TemplateFilings(), clock, places)
	round := func() {
		clock.Advance(time.Minute)
		_ = a.watchTemplates(t.Context())
	}
	for range 3 {
		round()
	}
	require.Equal(t, 3, desk.asked, "on file, and not decided")
	desk.state = notice.FilingApproved
	round()
	require.Equal(t, 4, desk.asked)
	for range 5 { // until 10:09
		round()
	}
	require.Equal(t, 5, desk.asked, "all may go out: once in the ten minutes")
	round()
	require.Equal(t, 6, desk.asked)
	require.Equal(t, models.Date("2021-12-20").Start().Add(10*time.Hour+10*time.Minute).UTC(), clock.Now().UTC())
}

// approving is a vendor that says the same of every text.
type approving struct {
	asked int
	state notice.FilingState
}

func (v *approving) AskTemplates(_ context.Context, codes []string) ([]notice.VendorTemplate, error) {
	v.asked++
	out := make([]notice.VendorTemplate, len(codes))
	for i, code := range codes {
		out[i] = notice.VendorTemplate{Code: code, State: v.state}
		if v.state == "" {
			out[i].State = notice.FilingFiled
		}
	}
	return out, nil
}
