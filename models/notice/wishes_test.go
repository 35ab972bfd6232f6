package notice

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

// fakeWishes is what people switched off.
type fakeWishes struct {
	off   []Preference
	fails error
	asked int
}

func (f *fakeWishes) SwitchedOff(_ context.Context, people []models.ID) ([]Preference, error) {
	f.asked++
	var out []Preference
	for _, p := range f.off {
		for _, id := range people {
			if p.PersonID == id {
				out = append(out, p)
			}
		}
	}
	return out, f.fails
}

// What was planned before she switched it off is withheld at its turn, and the next way is tried; a loss goes by SMS
// whatever a row says.
func TestR62_WhatIsSwitchedOffIsWithheldAtItsTurn(t *testing.T) {
	t.Parallel()
	b := newBench()
	s := b.process(t, nil)
	wang, child := models.NewID(), models.NewID()
	w := &fakeWishes{off: []Preference{
		{PersonID: wang, About: wang, Topic: TopicProgress, Channel: WechatMini},
		{PersonID: wang, About: wang, Topic: TopicFees, Channel: SMS},
		{PersonID: wang, About: wang, Topic: TopicLoss, Channel: SMS},
		{PersonID: wang, About: child, Topic: TopicDependants, Channel: SMS},
	}}
	s.Wishes = w
	b.wishes = map[models.ID]Wishes{wang: {Accounts: []Hop{{WechatMini, "account"}}}}
	progress := b.add(t, Draft{Cause: "application:1", Kind: ApplicationProducing, PersonID: wang})
	b.wishes = nil
	fee := b.add(t, Draft{Cause: "fee:1", Kind: FeeReceipt, PersonID: wang})
	hers := b.add(t, loss("loss:1:effective"))
	b.find(hers).Notice.PersonID = wang
	about := b.add(t, Draft{Cause: "child:1", Kind: GuardianProgress, PersonID: wang, About: child})
	other := b.add(t, Draft{Cause: "child:2", Kind: GuardianProgress, PersonID: wang, About: models.NewID()})
	for range 3 {
		_, err := s.Dispatch(t.Context())
		require.NoError(t, err)
	}
	require.Equal(t, []string{"wechat_mini suppressed", "sms submitted"}, b.to(progress))
	require.Equal(t, ReasonSwitchedOff, b.find(progress).Reason)
	require.Equal(t, whySwitched, b.find(progress).why())
	require.Equal(t, Suppressed, b.state(fee))
	require.Equal(t, Submitted, b.state(hers))
	require.Equal(t, Suppressed, b.state(about))
	require.Equal(t, Submitted, b.state(other), "another child's notices are another switch")
}

// Where her wishes cannot be read nothing that she may have switched off goes, and nothing is lost.
func TestUnreadableWishesKeepMessagesAndNoLoss(t *testing.T) {
	t.Parallel()
	b := newBench()
	s := b.process(t, nil)
	w := &fakeWishes{fails: errors.New("no database")}
	s.Wishes = w
	waits, goes := b.add(t, arrival("credit:1")), b.add(t, loss("loss:1:effective"))
	_, err := s.Dispatch(t.Context())
	require.NoError(t, err)
	require.Equal(t, Queued, b.state(waits))
	require.Equal(t, "wishes_not_readable", b.find(waits).Reason)
	require.Equal(t, Submitted, b.state(goes))
	require.Equal(t, 1, w.asked, "once for a batch, and not for what nobody can switch off")
}

func TestR62_WhatMayBeSwitchedOff(t *testing.T) {
	t.Parallel()
	for _, topic := range Topics {
		safety := topic == TopicCodes || topic == TopicLoss || topic == TopicAccount
		require.Equal(t, !safety, topic.MayBeOff(SMS), topic)
		require.Equal(t, topic != TopicCodes, topic.MayBeOff(WechatMini), topic)
		require.NotEmpty(t, preferenceTitle(topic, false), topic)
		if safety {
			require.NotEmpty(t, whyLocked(topic))
		}
		require.NotEmpty(t, topic.Kinds())
	}
	require.False(t, Topic("of a newer release").MayBeOff(SMS))
	require.False(t, TopicFees.MayBeOff("of a newer release"))
}
