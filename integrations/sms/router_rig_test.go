package sms_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sms"
	"onecard/models"
	"onecard/models/notice"
)

// counter is a vendor that does what it is told and counts who asked it.
type counter struct {
	clock *models.ManualClock

	mu    sync.Mutex
	says  error
	takes time.Duration
	got   []notice.Message
	asked int
}

func (c *counter) set(err error, takes time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.says, c.takes = err, takes
}

func (c *counter) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.got)
}

func (c *counter) Send(_ context.Context, m notice.Message) (notice.Handed, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got = append(c.got, m)
	if c.takes > 0 {
		c.clock.Advance(c.takes)
	}
	return notice.Handed{ID: "taken"}, c.says
}

func (c *counter) Ask(context.Context, notice.Question) (notice.Answer, error) {
	c.asked++
	return notice.Answer{Fate: notice.OnItsWay}, nil
}

// commonList is the table of changes, with its guard.
type commonList struct {
	clock *models.ManualClock
	mu    sync.Mutex
	rows  []notice.VendorChange
	down  bool
}

func (l *commonList) VendorChanges(_ context.Context, limit int) ([]notice.VendorChange, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return nil, errors.New("down")
	}
	var out []notice.VendorChange
	for i := len(l.rows) - 1; i >= 0 && len(out) < limit; i-- {
		out = append(out, l.rows[i])
	}
	return out, nil
}

func (l *commonList) ChangeVendor(_ context.Context, c notice.VendorChange) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return false, errors.New("down")
	}
	last := models.ID("")
	if n := len(l.rows); n > 0 {
		last = l.rows[n-1].ID
	}
	if c.Follows != last {
		return false, nil
	}
	c.At = l.clock.Now()
	l.rows = append(l.rows, c)
	return true, nil
}

func (l *commonList) byHand(to string) {
	last := l.newest()
	_, _ = l.ChangeVendor(context.Background(), notice.VendorChange{
		ID: models.NewID(), Follows: last.ID, From: last.To, To: to, Home: to, Reason: notice.ChangedByHand,
	})
}

func (l *commonList) newest() notice.VendorChange {
	list, _ := l.VendorChanges(context.Background(), 1)
	if len(list) == 0 {
		return notice.VendorChange{}
	}
	return list[0]
}

type crossing struct {
	clock *models.ManualClock
	list  *commonList
	a, b  *counter
	cfg   sms.Failover
}

func newCrossing() *crossing {
	clock := models.NewManualClock(time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC))
	return &crossing{
		clock: clock, list: &commonList{clock: clock}, a: &counter{clock: clock}, b: &counter{clock: clock},
		cfg: sms.Failover{Failures: 3, Of: 6, Slow: 3 * time.Second, CoolDown: 5 * time.Minute, Probes: 2},
	}
}

func (x *crossing) replica(t *testing.T) *sms.Router {
	t.Helper()
	r, err := sms.NewRouter([]sms.Vendor{{Name: "a", Sender: x.a}, {Name: "b", Sender: x.b}}, x.cfg, sms.RouterPorts{Clock: x.clock, Log: x.list})
	require.NoError(t, err)
	return r
}

var (
	notTaken = &notice.SendError{Class: notice.NotAccepted, Code: "not_connected", After: 5 * time.Second}
	silence  = &notice.SendError{Class: notice.FateUnknown, Code: "no_answer"}
)

func progress(t *testing.T) notice.Message { t.Helper(); return message(t, notice.Bound, nil) }

func code(t *testing.T) notice.Message {
	t.Helper()
	return message(t, notice.Code, map[string]string{"code": "123456"})
}
