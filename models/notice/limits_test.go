package notice

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

// fewADay allows three messages to a person, two of one kind, and counts in the fake's table.
type fewADay struct {
	*queue
	asked int
	gone  bool
}

func (f *fewADay) SMSLimits(context.Context, time.Time) (Limits, error) {
	if f.gone {
		return Limits{}, errNoDatabase
	}
	return Limits{Person: 3, Kind: 2}, nil
}

func (f *fewADay) SMSSince(_ context.Context, _ []models.ID, since time.Time) (out []DaySMS, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	for _, r := range f.rows {
		if r.Channel == SMS && r.Notice.Limited() && !r.Notice.CreatedAt.Before(since) && (r.State == Submitted || r.State == Submitting) {
			out = append(out, DaySMS{r.ID, r.Notice.PersonID, r.Notice.Kind, r.State == Submitting})
		}
	}
	return out, nil
}

func TestADaysMessagesOfTheBulkAreLimitedAndTheStorySaysSo(t *testing.T) {
	t.Parallel()
	b := newBench()
	s := b.process(t, nil)
	few := &fewADay{queue: b.queue}
	s.Day = few
	wang := models.NewID()
	tell := func(n int, k Kind) models.ID {
		d := Draft{Cause: fmt.Sprintf("%s:%d", k, n), Kind: k, PersonID: wang}
		if k == Arrival {
			d.Scope = "luoyang"
		}
		return b.add(t, d)
	}
	sweep := func() {
		for range 4 {
			_, err := s.Dispatch(t.Context())
			require.NoError(t, err)
			b.clock.Advance(10 * time.Second)
		}
	}
	first, second, third := tell(1, Arrival), tell(2, Arrival), tell(3, Arrival)
	sweep()
	require.Equal(t, []State{Submitted, Submitted, Suppressed}, []State{b.state(first), b.state(second), b.state(third)}, "two of a kind")
	another, late := tell(1, ApplicationReady), tell(2, ApplicationReady)
	other := b.add(t, Draft{Cause: "other:1", Kind: ApplicationReady, PersonID: models.NewID()})
	loss, bound, refund, slip := tell(1, LossEffective), tell(1, Bound), tell(1, FeeRefunded), b.add(t, Draft{Cause: "slip:1", Kind: GuideSlip, PersonID: wang, To: ToCaller, ToRef: models.NewID()})
	sweep()
	require.Equal(t, []State{Submitted, Suppressed, Submitted}, []State{b.state(another), b.state(late), b.state(other)}, "three to a person")
	require.Equal(t, []State{Submitted, Submitted, Submitted, Submitted}, []State{b.state(loss), b.state(bound), b.state(refund), b.state(slip)}, "what protects her, her money, and what she asked for now always go")

	n := *b.find(late)
	n.Notice.Tried = []Delivery{n.Delivery}
	told := n.Notice.entry()
	require.Equal(t, []any{SMSNotSent, whyTooMany}, []any{told.SMS, told.Story[0].Why})
	require.Contains(t, told.Text, "请本人带身份证领取", "the notice itself is there")

	b.clock.Advance(24 * time.Hour)
	tomorrow := tell(4, Arrival)
	sweep()
	require.Equal(t, Submitted, b.state(tomorrow))

	few.gone = true
	waits, code := tell(5, Arrival), b.add(t, Draft{Cause: "code:1", Kind: Code, PersonID: wang, Secret: NewSecret("862413")})
	sweep()
	require.Equal(t, []State{Queued, Submitted}, []State{b.state(waits), b.state(code)}, "without figures the bulk waits")
}

func TestABatchAsksOnceForItsDay(t *testing.T) {
	t.Parallel()
	b := newBench()
	s := b.process(t, nil)
	s.cfg.Parallel = 32
	few := &fewADay{queue: b.queue}
	s.Day = few
	for i := range 30 {
		b.add(t, Draft{Cause: fmt.Sprintf("ready:%d", i), Kind: ApplicationReady, PersonID: models.NewID()})
	}
	_, err := s.Dispatch(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, few.asked)
}

func TestAMessageOneTooManyWaitsForWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	wang := models.NewID()
	of := func(k Kind) Delivery {
		return Delivery{ID: models.NewID(), Channel: SMS, Notice: Notice{Kind: k, PersonID: wang}}
	}
	seen := func(k Kind, underWay bool) DaySMS { return DaySMS{models.NewID(), wang, k, underWay} }
	a, b, c := of(Arrival), of(Arrival), of(PaydayCard)
	batch := []Delivery{a, b, c}
	limits := Limits{Person: 3, Kind: 2}
	reason := func(got map[models.ID]Settlement) []string {
		return []string{got[a.ID].Reason, got[b.ID].Reason, got[c.ID].Reason}
	}
	require.Equal(t, []string{"", "", ""}, reason(limits.judge(batch, []DaySMS{{a.ID, wang, Arrival, true}, {b.ID, wang, Arrival, true}, {c.ID, wang, PaydayCard, true}})), "its own rows are not others'")
	require.Equal(t, []string{"", "others_first", ""}, reason(limits.judge(batch, []DaySMS{seen(Arrival, false)})))
	require.Equal(t, []string{"", "others_first", "others_first"}, reason(limits.judge(batch, []DaySMS{seen(Arrival, false), seen(PaydayCard, true)})))
	require.Equal(t, []string{"too_many_today", "too_many_today", ""}, reason(limits.judge(batch, []DaySMS{seen(Arrival, false), seen(Arrival, false)})))
	require.Equal(t, []string{"others_first", "others_first", "others_first"}, reason(limits.judge(batch, []DaySMS{seen(PaydayCard, true), seen(Arrival, true), seen(Arrival, true)})))
	require.Equal(t, []string{"too_many_today", "too_many_today", "too_many_today"}, reason(Limits{Person: 1, Kind: 9}.judge(batch, []DaySMS{seen(ApplicationReady, false)})))
}
