package notice

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/audit"
)

var frontTime = time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)

// fakeFront is every port of the front, in memory.
type fakeFront struct {
	mu      sync.Mutex
	follows map[string]bool
	audits  []audit.Entry
	asked   []string
	told    []PlatformMessage
	found   []FoundAnswer
	fails   error
	entered chan struct{}
	heard   chan Follower // where it is not nil, who is heard is told there
	blocked chan struct{} // where it is not nil, what is asked waits for it
}

func (f *fakeFront) InTx(ctx context.Context, fn func(context.Context) error) error { return fn(ctx) }

func (f *fakeFront) RecordAudit(_ context.Context, e audit.Entry) error {
	f.audits = append(f.audits, e)
	return nil
}

func (f *fakeFront) wait() {
	if f.blocked != nil {
		close(f.entered)
		<-f.blocked
	}
}

func (f *fakeFront) NoteFollower(_ context.Context, who Follower) (models.ID, models.ID, bool, error) {
	f.wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fails != nil {
		return "", "", false, f.fails
	}
	was, known := f.follows[who.OpenID]
	f.follows[who.OpenID] = who.Follows
	return "account", "", !known || was != who.Follows, nil
}

func (f *fakeFront) Heard(_ context.Context, who Follower) (models.ID, models.ID, bool, error) {
	if f.heard != nil {
		f.heard <- who
	}
	return "account", "", false, nil
}

func (f *fakeFront) Answers(_ context.Context, q string, most int) ([]FoundAnswer, error) {
	f.wait()
	f.asked = append(f.asked, q)
	return f.found[:min(most, len(f.found))], f.fails
}

func (f *fakeFront) Scene(_ context.Context, kind, ref string) (Place, bool, error) {
	return Place{Title: "西工区社保卡服务网点", Line: "中州中路1号", Page: "/m/outlets/" + ref}, kind == "outlet" && ref == "0379", f.fails
}

func (f *fakeFront) TakeConsents(_ context.Context, m PlatformMessage) error {
	f.told = append(f.told, m)
	return f.fails
}

func (f *fakeFront) TakePlatformReceipt(ctx context.Context, m PlatformMessage) error {
	return f.TakeConsents(ctx, m)
}

func newFront(budget time.Duration) (*Front, *fakeFront) {
	f := &fakeFront{follows: map[string]bool{}, found: []FoundAnswer{
		{"loss", "怎么挂失?", "可以在手机上挂失,也可拨打12333。"}, {"release", "怎么解挂?", "请到网点。"}, {"card", "怎么申领?", "请到网点。"}, {"more", "还有", "没有"},
	}}
	return &Front{FrontPorts{Followers: f, Answers: f, Scenes: f, Told: f, Clock: models.NewManualClock(frontTime), Log: slog.New(slog.DiscardHandler),
		Pages: "https://card.test", Budget: budget}}, f
}

func message(kind MessageKind) PlatformMessage {
	return PlatformMessage{Kind: kind, Channel: WechatOA, App: "wx1", From: "o1", At: frontTime}
}

func TestFrontAnswersEveryKindWithAWayForward(t *testing.T) {
	t.Parallel()
	f, fake := newFront(time.Minute)
	for _, c := range []struct {
		m    PlatformMessage
		want string
	}{
		{message(MessageFollowed), "欢迎关注"},
		{func() PlatformMessage { m := message(MessageFollowed); m.Scene = "outlet_0379"; return m }(), "https://card.test/m/outlets/0379"},
		{func() PlatformMessage { m := message(MessageScanned); m.Scene = "outlet_0379"; return m }(), "西工区社保卡服务网点"},
		{func() PlatformMessage { m := message(MessageScanned); m.Scene = "https://evil.test"; return m }(), "请直接发送您的问题"},
		{func() PlatformMessage { m := message(MessageTapped); m.Word = WordHotline; return m }(), "密码或验证码"},
		{func() PlatformMessage { m := message(MessageTapped); m.Word = "of an older menu"; return m }(), "请直接发送您的问题"},
		{message(MessageUnread), "看懂文字"},
		{func() PlatformMessage { m := message(MessageAsked); m.Text = "怎么挂失"; return m }(), "可以在手机上挂失"},
		{func() PlatformMessage { m := message(MessageAsked); m.Text = "12333"; return m }(), "人工咨询"},
		{func() PlatformMessage { m := message(MessageAsked); m.Text = "  "; return m }(), "请直接发送您的问题"},
	} {
		got, err := f.Take(t.Context(), c.m)
		require.NoError(t, err)
		require.Contains(t, got, c.want)
		require.True(t, strings.Contains(got, "12333") || strings.Contains(got, "网点"), "R48: %s", got)
		require.LessOrEqual(t, len(got), 2048, "the platform cuts nothing")
	}
	for _, kind := range []MessageKind{MessageUnfollowed, MessageViewed, MessageIgnored, MessageConsented, MessageSettled, "of a newer release"} {
		got, err := f.Take(t.Context(), message(kind))
		require.NoError(t, err)
		require.Empty(t, got, kind)
	}
	require.Len(t, fake.told, 2)
	fake.found = nil
	m := message(MessageAsked)
	m.Text = "什么都不是"
	got, err := f.Take(t.Context(), m)
	require.NoError(t, err)
	require.Contains(t, got, "没有找到相关解答")
}

func TestFrontAnswersAtMostThreeWithLinksToOurOwnPages(t *testing.T) {
	t.Parallel()
	f, _ := newFront(time.Minute)
	m := message(MessageAsked)
	m.Text = "怎么办理"
	got, err := f.Take(t.Context(), m)
	require.NoError(t, err)
	require.Equal(t, "怎么挂失?\n可以在手机上挂失,也可拨打12333。\n\n您可能还想问:\n1. 怎么解挂?\nhttps://card.test/m/faqs/release\n\n2. 怎么申领?\nhttps://card.test/m/faqs/card", got)
}

// Numbers of people are asked for nowhere and looked up nowhere.
func TestFrontNeitherSearchesNorKeepsPersonalNumbers(t *testing.T) {
	t.Parallel()
	f, fake := newFront(time.Minute)
	for _, text := range []string{
		"410303198001010015", "身份证 4103 0319 8001 0100 15 能查吗", "410303-19800101-001X", "13803790001", "138 0379 0001", "+86-138-0379-0001",
		"410303198001010015", "卡号6228480402564890018", "123456", "一三八零三七九零零零一", "验证码是 138.0379.0001",
	} {
		m := message(MessageAsked)
		m.Text = text
		got, err := f.Take(t.Context(), m)
		require.NoError(t, err)
		require.Equal(t, frontPersonal, got, text)
	}
	require.Empty(t, fake.asked)
	for _, text := range []string{"2021年12月20日的补贴", "怎么挂失", "16元工本费", "第45项补贴什么时候发", "9点上班吗"} {
		require.False(t, looksPersonal(text), text)
	}
}

func TestFrontWritesOneRowForEachChange(t *testing.T) {
	t.Parallel()
	f, fake := newFront(time.Minute)
	for range 3 {
		_, err := f.Take(t.Context(), message(MessageFollowed))
		require.NoError(t, err)
	}
	_, err := f.Take(t.Context(), message(MessageUnfollowed))
	require.NoError(t, err)
	require.Len(t, fake.audits, 2)
	require.Equal(t, []string{"notice.account.followed", "notice.account.unfollowed"}, []string{fake.audits[0].Action, fake.audits[1].Action})
	require.Equal(t, models.WechatOA, fake.audits[0].Channel)
	fake.fails = errors.New("no database")
	_, err = f.Take(t.Context(), message(MessageFollowed))
	require.Error(t, err)
	require.Len(t, fake.audits, 2)
}

func received(m PlatformMessage) (Received, chan bool) {
	settled := make(chan bool, 1)
	return Received{PlatformMessage: m, Settle: func(_ context.Context, taken bool) { settled <- taken }}, settled
}

// A platform waits five seconds. What leaves a row behind is acknowledged once it is there, and not before.
func TestFrontAcknowledgesOnlyWhatIsCommitted(t *testing.T) {
	t.Parallel()
	for _, kind := range []MessageKind{MessageFollowed, MessageAsked} {
		f, fake := newFront(time.Millisecond)
		fake.entered, fake.blocked = make(chan struct{}), make(chan struct{})
		m := message(kind)
		m.Text = "怎么挂失"
		r, settled := received(m)
		text, err := f.Serve(t.Context(), r)
		require.Empty(t, text)
		if kind.Changes() {
			require.ErrorIs(t, err, ErrMessageBusy)
		} else {
			require.NoError(t, err)
		}
		<-fake.entered
		close(fake.blocked)
		require.True(t, <-settled, "the work goes on and is done")
	}
}

// A platform that repeats only what got no answer is not refused early.
func TestFrontWaitsForWhatChangesWhereThePlatformLeavesTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, fake := newFront(2 * time.Second)
		fake.entered, fake.blocked = make(chan struct{}), make(chan struct{})
		r, settled := received(message(MessageFollowed))
		r.Wait = 4500 * time.Millisecond
		go func() {
			<-fake.entered
			<-time.After(3 * time.Second)
			close(fake.blocked)
		}()
		text, err := f.Serve(t.Context(), r)
		require.NoError(t, err)
		require.Equal(t, frontGreeting, text)
		require.True(t, <-settled)
	})
}

func TestFrontSaysThatWorkFailedAndSurvivesAPanic(t *testing.T) {
	t.Parallel()
	f, fake := newFront(time.Minute)
	fake.fails = errors.New("no database")
	r, settled := received(message(MessageFollowed))
	_, err := f.Serve(t.Context(), r)
	require.Error(t, err)
	require.False(t, <-settled, "it may come again")
	f.Followers = nil
	r, settled = received(message(MessageFollowed))
	_, err = f.Serve(t.Context(), r)
	require.ErrorContains(t, err, "panicked")
	require.False(t, <-settled)
	r.Again = true
	_, err = f.Serve(t.Context(), r)
	require.NoError(t, err, "a copy is not even looked at")
}

func TestFrontSaysItsAnswerWhereTheRequestTakesNone(t *testing.T) {
	t.Parallel()
	f, _ := newFront(time.Minute)
	var said []string
	r, settled := received(message(MessageFollowed))
	r.Say = func(_ context.Context, text string) error { said = append(said, text); return errors.New("not sent") }
	text, err := f.Serve(t.Context(), r)
	require.NoError(t, err, "that she follows is noted, whatever became of the greeting")
	require.Empty(t, text)
	require.Equal(t, []string{frontGreeting}, said)
	require.True(t, <-settled)
}
