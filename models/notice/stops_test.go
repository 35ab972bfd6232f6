package notice

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/audit"
)

func TestR62_CodesAndLossesGoWhateverIsStopped(t *testing.T) {
	t.Parallel()
	always := map[StopReason]map[Topic]bool{
		StopAsked:   {TopicCodes: true, TopicLoss: true, TopicAccount: true},
		StopNoOwner: {TopicCodes: true, TopicLoss: true, TopicAccount: true},
	}
	for topic, kinds := range topics {
		for _, k := range kinds {
			_, withheld := Withheld(k, NotStopped)
			require.False(t, withheld, k)
			for stopped, word := range map[StopReason]string{StopAsked: ReasonStoppedByHolder, StopNoOwner: ReasonDeadNumber} {
				reason, withheld := Withheld(k, stopped)
				require.Equal(t, !always[stopped][topic], withheld, "%s %s", k, stopped)
				if withheld {
					require.Equal(t, word, reason)
				}
			}
		}
	}
	_, withheld := Withheld("of_a_newer_release", StopAsked)
	require.False(t, withheld)
}

func TestAReplyIsAnOrderOnlyWhereItIsNothingElse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]ReplyWord{
		"T": ReplyStop, "td": ReplyStop, " TD。": ReplyStop, "Ｔ": ReplyStop, "ｔｄ": ReplyStop, "退订": ReplyStop, "【退订】": ReplyStop, "R": ReplyStop,
		"恢复": ReplyResume, "恢复!": ReplyResume, "hf": ReplyResume,
		"": ReplyOther, "请不要退订": ReplyOther, "TT": ReplyOther, "你是谁": ReplyOther, "410303198001010012": ReplyOther,
	} {
		require.Equal(t, want, ReadReply(text), text)
	}
}

func TestOnlyACodeThatSaysSoMakesANumberDead(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]Death{
		"MK:0001": Dead, "MN:0001": Dead, "MI:0001": Dead, "MOBILE_NOT_ON_SERVICE": MaybeDead, "INVALID_NUMBER": MaybeDead,
		"DELIVRD": Alive, "MI:0013": Alive, "MK:0027": Alive, "MOBILE_SEND_LIMIT": Alive, "MOBILE_IN_BLACK": Alive, "XXXX:0001": Alive, "": Alive,
	} {
		require.Equal(t, want, DeathIn(code), code)
	}
}

// stopping remembers what a reception decided.
type stopping struct {
	early   []Receipt
	did     []string
	known   map[string]models.ID
	doubted []models.Phone
	audits  []audit.Entry
	taken   []Receipt
	err     error
}

func (s *stopping) StoppedOf(context.Context, []models.Phone) (map[models.Phone]StopReason, error) {
	return nil, nil //nolint:nilnil // nobody is stopped
}

func (s *stopping) Stop(_ context.Context, p models.Phone, r StopReason, vendor string, at time.Time) (models.ID, error) {
	s.did = append(s.did, "stop "+p.Reveal()[7:]+" "+string(r)+" "+vendor+" "+at.Format("15:04"))
	return "stop-1", s.err
}

func (s *stopping) Lift(_ context.Context, p models.Phone, r StopReason, vendor string, at time.Time) (models.ID, error) {
	s.did = append(s.did, "lift "+p.Reveal()[7:]+" "+string(r)+" "+vendor+" "+at.Format("15:04"))
	return "stop-1", s.err
}

func (s *stopping) Strike(_ context.Context, p models.Phone, _ string, _ time.Time, _ int) (models.ID, error) {
	s.did = append(s.did, "strike "+p.Reveal()[7:])
	return "", s.err
}

func (s *stopping) Doubted(context.Context, []models.Phone) ([]models.Phone, error) {
	return s.doubted, nil
}

func (s *stopping) KeepEarly(_ context.Context, receipts []Receipt) error {
	s.early = append(s.early, receipts...)
	return nil
}

func (s *stopping) DeliveryOf(_ context.Context, vendor, id string) (models.ID, error) {
	return s.known[vendor+" "+id], nil
}

func (s *stopping) TextsSince(context.Context, []models.ID, time.Time) (map[models.ID]string, error) {
	return map[models.ID]string{"d-77": "tencent", "d-1": "aliyun", "d-2": "aliyun", "d-3": "aliyun", "d-4": "aliyun"}, nil
}

func (s *stopping) TakeReceipts(_ context.Context, rs []Receipt) (int, error) {
	s.taken = append(s.taken, rs...)
	return len(rs), nil
}

func (s *stopping) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	return fn(ctx)
}

func (s *stopping) RecordAudit(_ context.Context, e audit.Entry) error {
	s.audits = append(s.audits, e)
	return nil
}

func newReception(s *stopping) (*Reception, *models.ManualClock) {
	clock := models.NewManualClock(time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC))
	return &Reception{Taker: s, Handed: s, Stops: s, Journal: s, Clock: clock}, clock
}

func phoneOf(t *testing.T, digits string) models.Phone {
	t.Helper()
	p, err := models.ParsePhone(digits)
	require.NoError(t, err)
	return p
}

func TestRepliesStopAndResumeAndOthersDoNothing(t *testing.T) {
	t.Parallel()
	s := &stopping{}
	r, clock := newReception(s)
	p := phoneOf(t, "13800138000")
	n, err := r.TakeReplies(t.Context(), []Reply{
		{Vendor: "aliyun", Phone: p, Word: ReplyStop, At: clock.Now().Add(-time.Hour)},
		{Vendor: "tencent", Phone: p, Word: ReplyResume, At: clock.Now().Add(time.Hour)},
		{Vendor: "aliyun", Phone: p, Word: ReplyOther}, {Vendor: "aliyun", Word: ReplyStop},
	})
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Equal(t, []string{"stop 8000 asked aliyun 01:00", "lift 8000 asked tencent 02:00"}, s.did)
	require.Len(t, s.audits, 2)
	require.Equal(t, "notice.sms.stopped", s.audits[0].Action)
	require.Equal(t, "notice.sms.lifted", s.audits[1].Action)

	s.err = errors.New("database away")
	_, err = r.TakeReplies(t.Context(), []Reply{{Vendor: "aliyun", Phone: p, Word: ReplyStop}})
	require.Error(t, err, "the vendor brings it again")
	require.Len(t, s.audits, 2)
}

func TestReceiptsFindTheirDeliveryAndTellOfDeadNumbers(t *testing.T) {
	t.Parallel()
	alive, dead, maybe := phoneOf(t, "13800138001"), phoneOf(t, "13800138002"), phoneOf(t, "13800138003")
	s := &stopping{known: map[string]models.ID{"tencent 77": "d-77"}, doubted: []models.Phone{alive}}
	r, clock := newReception(s)
	_, err := r.TakeReceipts(t.Context(), []Receipt{
		{Vendor: "tencent", VendorID: "77", Phone: dead, Code: "MK:0001"},
		{Vendor: "tencent", VendorID: "78", Phone: maybe, Code: "MK:0001"}, // of nobody's
		{Vendor: "aliyun", DeliveryID: "d-1", Phone: maybe, Code: "MOBILE_NOT_ON_SERVICE"},
		{Vendor: "aliyun", DeliveryID: "d-2", Phone: alive, Delivered: true, Code: "DELIVERED"},
		{Vendor: "aliyun", DeliveryID: "d-3", Phone: phoneOf(t, "13800138004"), Delivered: true, Code: "DELIVERED"},
		{Vendor: "aliyun", DeliveryID: "d-4", Code: "MK:0001"},
		{Vendor: "aliyun", DeliveryID: "d-nobody", Phone: maybe, Code: "MK:0001"},                    // made up
		{Vendor: "aliyun", DeliveryID: "d-77", Phone: maybe, Code: "MK:0001"},                        // another vendor's
		{Vendor: "aliyun", DeliveryID: "d-nobody", Phone: alive, Delivered: true, Code: "DELIVERED"}, // made up
	})
	require.NoError(t, err)
	require.Equal(t, []string{"stop 8002 dead_number tencent 02:00", "strike 8003", "lift 8001 dead_number aliyun 02:00"}, s.did)
	require.Len(t, s.audits, 2)
	require.Equal(t, models.ID("d-77"), s.taken[0].DeliveryID)
	require.Equal(t, clock.Now(), s.taken[0].At)
}

// given is a vendor that gives what it has once.
type given struct{ left int }

func (g *given) PullReceipts(_ context.Context, limit int) ([]Receipt, error) {
	n := min(limit, g.left)
	g.left -= n
	return make([]Receipt, n), nil
}

func TestPullingGoesOnWhileThereIsMoreAndWritesWhatItGotWhenStopped(t *testing.T) {
	t.Parallel()
	s := &stopping{}
	r, _ := newReception(s)
	v := &given{left: 150}
	more, err := r.PullReceipts(t.Context(), v, 100)
	require.NoError(t, err)
	require.True(t, more)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	more, err = r.PullReceipts(stopped, v, 100)
	require.NoError(t, err)
	require.False(t, more)
	require.Len(t, s.taken, 150)
}
