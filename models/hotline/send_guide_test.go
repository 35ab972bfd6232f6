package hotline_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/notice"
)

// GuideText is a short guide of any act; the guides may refuse.
func (m *memory) GuideText(_ context.Context, ask hotline.GuideAsk) (hotline.GuideText, error) {
	g := hotline.GuideText{SentenceID: "guide." + ask.Act + ".1", Act: "社保账户解挂", Papers: "本人居民身份证原件", Place: "就近的社保卡服务网点", Phone: "12333", Fee: "不收费"}
	if ask.By == "delegate" {
		g.Papers = ""
	}
	if ask.By == "guardian" {
		g.Papers = strings.Repeat("证", notice.MaxParam+1)
	}
	return g, m.refused
}

func (m *memory) AddNotice(ctx context.Context, d notice.Draft) error {
	defer m.lock(ctx)()
	checked, err := d.Checked(d.At)
	if err == nil {
		m.rows.notices = append(m.rows.notices, checked)
	}
	return err
}

var release = hotline.GuideAsk{Act: "release"}

func TestR19_AGuideIsTextedOncePerCallToTheMobileThatRings(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	agent := r.agent("agent.one")
	call, by := r.call(agent, wangPhone) // nobody is verified: consultation needs no identification
	sent, err := r.SendGuide(t.Context(), by, call.ID, release)
	require.NoError(t, err)
	require.False(t, sent.Repeated)
	require.Equal(t, "138****1234", sent.To.String())
	require.Len(t, r.m.rows.notices, 1)
	d := r.m.rows.notices[0]
	require.Equal(t, notice.ToCaller, d.To)
	require.Equal(t, call.ID, d.ToRef)
	require.Empty(t, d.PersonID, "whose phone it is, is not known")
	require.Equal(t, "社保账户解挂", d.Params["act"])
	require.Equal(t, "本人居民身份证原件", d.Params["papers"])
	entries := r.entries("hotline.guide.sent")
	require.Len(t, entries, 1)
	require.Equal(t, call.ID, entries[0].CallID)

	again, err := r.SendGuide(t.Context(), by, call.ID, release)
	require.NoError(t, err)
	require.True(t, again.Repeated)
	require.Equal(t, sent.SentenceID, again.SentenceID)
	_, err = r.SendGuide(t.Context(), by, call.ID, hotline.GuideAsk{Act: "apply"})
	require.ErrorIs(t, err, hotline.ErrSlipSent)
	require.Len(t, r.m.rows.notices, 1)
	require.Len(t, r.entries("hotline.guide.sent"), 1)
}

func TestOfManyTapsOneGuideIsSent(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("agent.one"), wangPhone)
	var wg sync.WaitGroup
	first := make(chan bool, 8)
	for range 8 {
		wg.Go(func() {
			sent, err := r.SendGuide(context.Background(), by, call.ID, release)
			first <- err == nil && !sent.Repeated
		})
	}
	wg.Wait()
	close(first)
	n := 0
	for won := range first {
		if won {
			n++
		}
	}
	require.Equal(t, 1, n)
	require.Len(t, r.m.rows.notices, 1)
}

func TestAGuideIsNotTextedWhereNoTextCanGo(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]error{"": hotline.ErrCallerNotMobile, "037912345678": hotline.ErrCallerNotMobile, "12345": hotline.ErrCallerNotMobile} {
		r := newRig(t)
		call, by := r.call(r.agent("agent.one"), number)
		_, err := r.SendGuide(t.Context(), by, call.ID, release)
		require.ErrorIs(t, err, want, number)
		require.Empty(t, r.m.rows.notices)
	}
	r := newRig(t)
	call, by := r.call(r.agent("agent.one"), wangPhone)
	_, err := r.SendGuide(t.Context(), by, call.ID, hotline.GuideAsk{Act: "release", By: "delegate"})
	require.ErrorIs(t, err, hotline.ErrSlipNotText, "no list, no slip")
	_, err = r.SendGuide(t.Context(), by, call.ID, hotline.GuideAsk{Act: "release", By: "guardian"})
	require.ErrorIs(t, err, hotline.ErrSlipNotText, "a list too long for a text is not cut")
	r.m.refused = errors.New("no such guide")
	_, err = r.SendGuide(t.Context(), by, call.ID, release)
	require.ErrorIs(t, err, r.m.refused)
	r.m.refused = nil

	other := r.agent("agent.two")
	_, err = r.SendGuide(t.Context(), other, call.ID, release)
	require.ErrorIs(t, err, models.ErrNotFound, "another agent's call")
	_, err = r.SendGuide(t.Context(), models.Actor{Kind: models.CitizenActor, ID: "p"}, call.ID, release)
	require.ErrorIs(t, err, hotline.ErrNotLoggedIn)
	_, err = r.CloseCall(t.Context(), by, call.ID)
	require.NoError(t, err)
	_, err = r.SendGuide(t.Context(), by, call.ID, release)
	require.ErrorIs(t, err, hotline.ErrNoActiveCall)
	require.Empty(t, r.m.rows.notices)
}

// A message without its audit entry, or a call that says it was sent when it was not, is worse than none.
func TestAGuideAndItsRecordCommitTogether(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("agent.one"), wangPhone)
	r.m.failStep = "hotline.guide.sent"
	_, err := r.SendGuide(t.Context(), by, call.ID, release)
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.Empty(t, r.m.rows.notices)
	require.Empty(t, r.m.rows.calls[call.ID].SlipSent)
	r.m.failStep = ""
	sent, err := r.SendGuide(t.Context(), by, call.ID, release)
	require.NoError(t, err)
	require.False(t, sent.Repeated)
}
