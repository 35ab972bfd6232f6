package notice

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

func progress(cause string, person models.ID) Draft {
	return Draft{Cause: cause, Kind: ApplicationProducing, PersonID: person}
}

// ways writes a plan for a table.
func ways(plan [][]Hop) (out []string) {
	for _, route := range plan {
		out = append(out, Hops(route))
	}
	return out
}

func TestR62_TheLadderOfANotice(t *testing.T) {
	t.Parallel()
	me := models.NewID()
	mini, life := Hop{WechatMini, "a1"}, Hop{AlipayLife, "a2"}
	both := Wishes{Accounts: []Hop{life, mini}}
	for name, c := range map[string]struct {
		d      Draft
		ladder Ladder
		w      Wishes
		want   []string
	}{
		"progress without a consent is one SMS":     {progress("p:1", me), LadderPlatform, Wishes{}, []string{"sms"}},
		"progress with consents":                    {progress("p:1", me), LadderPlatform, both, []string{"wechat_mini:a1 alipay_life:a2 sms"}},
		"progress, its SMS switched off":            {progress("p:1", me), LadderPlatform, Wishes{Off: []Channel{SMS}}, nil},
		"progress, the platform switched off":       {progress("p:1", me), LadderPlatform, Wishes{Accounts: []Hop{mini}, Off: []Channel{WechatMini}}, []string{"sms"}},
		"an arrival is an SMS and a message":        {Draft{Kind: Arrival, PersonID: me}, LadderBoth, both, []string{"sms", "wechat_mini:a1 alipay_life:a2"}},
		"an arrival, its SMS switched off":          {Draft{Kind: Arrival, PersonID: me}, LadderBoth, Wishes{Accounts: []Hop{mini}, Off: []Channel{SMS}}, []string{"wechat_mini:a1"}},
		"a loss goes by SMS whatever is off":        {Draft{Kind: LossEffective, PersonID: me}, LadderBoth, Wishes{Off: []Channel{SMS}}, []string{"sms"}},
		"a binding never goes to the account alone": {Draft{Kind: Bound, PersonID: me}, LadderSMS, both, []string{"sms"}},
		"a code goes by SMS only":                   {Draft{Kind: Code, PersonID: me}, LadderBoth, both, []string{"sms"}},
		"what goes to a certain phone goes there":   {Draft{Kind: PhoneChangeOld, PersonID: me, To: ToOldPhone, ToRef: "r"}, LadderBoth, both, []string{"sms"}},
		"the inbox only":                            {progress("p:1", me), LadderInbox, both, nil},
	} {
		require.Equal(t, c.want, ways(Plan(c.d, c.ladder, c.w)), name)
	}
	require.Equal(t, []Hop{mini, {Channel: SMS}}, ParseHops("wechat_mini:a1 pigeon:x sms"))
	for _, topic := range Topics {
		require.Equal(t, topic != TopicCodes, len(LadderChoices[topic]) > 0, topic)
	}
}

// 43101: the consent is gone, the topic is off at that account, and the same notice goes by SMS, once.
func TestR62_ARefusedSubscriptionIsOffAndTheNoticeGoesBySMS(t *testing.T) {
	t.Parallel()
	b := newBench()
	me, account := models.NewID(), models.NewID()
	b.wishes[me] = Wishes{Accounts: []Hop{{WechatMini, account}}}
	b.consents[account] = -1
	b.answerPush = func(Channel) error { return &SendError{Class: AddressGone, Code: "43101"} }
	s := b.process(t, nil)
	id := b.add(t, progress("application:1", me))
	for range 3 {
		_, err := s.Dispatch(t.Context())
		require.NoError(t, err)
	}
	require.Equal(t, []string{"wechat_mini failed", "sms submitted"}, b.to(id))
	require.Equal(t, "43101", b.off[account])
	require.Len(t, b.got, 1)
}

func TestR62_AnArrivalWithASubscriptionIsAnSMSAndAMessage(t *testing.T) {
	t.Parallel()
	b := newBench()
	d, account := arrival("credit:1"), models.NewID()
	b.wishes[d.PersonID] = Wishes{Accounts: []Hop{{AlipayMini, account}}}
	b.consents[account] = 1
	s := b.process(t, nil)
	id := b.add(t, d)
	again := arrival("credit:2")
	again.PersonID = d.PersonID
	_, err := s.Dispatch(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"sms submitted", "alipay_mini submitted"}, b.to(id))

	second := b.add(t, again) // her one consent is used up
	_, err = s.Dispatch(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"sms submitted", "alipay_mini suppressed"}, b.to(second))
	require.Len(t, b.pushed, 1)
}

// A platform that may have it is not followed by an SMS: she would be told twice.
func TestAMessageOfUnknownFateIsNotSentAnotherWay(t *testing.T) {
	t.Parallel()
	b := newBench()
	me, account := models.NewID(), models.NewID()
	b.wishes[me] = Wishes{Accounts: []Hop{{WechatMini, account}}}
	b.consents[account] = -1
	b.answerPush = func(Channel) error { return &SendError{Class: FateUnknown, Code: "no_answer"} }
	s := b.process(t, nil)
	id := b.add(t, progress("application:1", me))
	for range 3 {
		_, err := s.Dispatch(t.Context())
		require.NoError(t, err)
		b.clock.Advance(time.Minute)
	}
	require.Equal(t, []string{"wechat_mini unknown"}, b.to(id))
	require.Empty(t, b.got)

	b.answerPush = func(Channel) error { return &SendError{Class: NotAccepted, Code: "45009"} }
	later := b.add(t, progress("application:2", me))
	for range 5 {
		_, err := s.Dispatch(t.Context())
		require.NoError(t, err)
		b.clock.Advance(10 * time.Minute)
	}
	require.Equal(t, []string{"wechat_mini failed", "sms submitted"}, b.to(later), "a platform that takes nothing keeps no notice from her")
}

// Killed between the claim and the vendor: the vendor, asked, never heard of it, and it is sent after all, with its id.
func TestWhatTheVendorNeverHeardOfIsSentAfterAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, neverHeard)
}

func neverHeard(t *testing.T) {
	b := newBench()
	id := b.add(t, arrival("credit:1"))
	_, err := b.process(t, &mortality{at: 2}).Dispatch(t.Context())
	require.ErrorIs(t, err, errDead)
	s := b.process(t, nil)
	b.clock.Advance(31 * time.Second)
	_, err = s.Dispatch(t.Context())
	require.NoError(t, err)
	require.Equal(t, Unknown, b.state(id))
	b.clock.Advance(repeatAfter)
	n, err := s.Inquire(t.Context())
	require.NoError(t, err)
	require.Zero(t, n, "the vendor has had no time to list what it took")
	b.clock.Advance(askAgain)
	n, err = s.Inquire(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	_, err = s.Dispatch(t.Context())
	require.NoError(t, err)
	require.Equal(t, Submitted, b.state(id))
	require.Equal(t, 1, b.count(id))
}

type stopped StopReason

func (s stopped) StoppedOf(_ context.Context, phones []models.Phone) (map[models.Phone]StopReason, error) {
	out := map[models.Phone]StopReason{}
	for _, p := range phones {
		out[p] = StopReason(s)
	}
	return out, nil
}

func TestR62_WhoAnsweredStopGetsLossesAndCodesOnly(t *testing.T) {
	t.Parallel()
	b := newBench()
	s := b.process(t, nil)
	s.Stops = stopped(StopAsked)
	a, l := b.add(t, arrival("credit:1")), b.add(t, loss("loss:1"))
	_, err := s.Dispatch(t.Context())
	require.NoError(t, err)
	require.Equal(t, Suppressed, b.state(a))
	require.Equal(t, Submitted, b.state(l))
	require.Equal(t, whyStopped, b.find(a).why())
}
