package notice

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

// vendor is what the other side really got: it survives our processes too.
type vendor struct {
	mu      sync.Mutex
	got     []Message
	answer  func(Message) error
	settled bool // the carrier has answered
	asked   int

	pushed     []PushMessage
	answerPush func(Channel) error
}

func (v *vendor) count(id models.ID) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	n := 0
	for _, m := range v.got {
		if m.DeliveryID == id {
			n++
		}
	}
	return n
}

type fakeSender struct {
	*vendor
	life *mortality
}

func (s fakeSender) Send(_ context.Context, m Message) (Handed, error) {
	if !s.life.passes() { // dies before the call
		return Handed{}, errDead
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.answer != nil {
		err = s.answer(m)
	}
	var refusal *SendError
	if err == nil || errors.As(err, &refusal) && refusal.Class == FateUnknown {
		s.got = append(s.got, m)
	}
	if !s.life.passes() { // dies after the vendor took it
		return Handed{}, errDead
	}
	return Handed{Vendor: "test", ID: "biz-1"}, err
}

// Ask answers from what the vendor got; asked counts the questions.
func (s fakeSender) Ask(_ context.Context, q Question) (Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	for _, m := range s.got {
		switch {
		case m.DeliveryID != q.DeliveryID:
		case s.settled:
			return Answer{Fate: Settled, Receipt: Receipt{Vendor: "test", DeliveryID: q.DeliveryID, Delivered: true, Code: "DELIVERED"}}, nil
		default:
			return Answer{Fate: OnItsWay}, nil
		}
	}
	return Answer{Fate: NeverHeard}, nil
}

// fakePusher is a platform.
type fakePusher struct {
	*vendor
	channel Channel
}

func (p fakePusher) Channel() Channel { return p.channel }
func (p fakePusher) App() string      { return "app" }

func (p fakePusher) Push(_ context.Context, m PushMessage) (Handed, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pushed = append(p.pushed, m)
	if p.answerPush != nil {
		if err := p.answerPush(p.channel); err != nil {
			return Handed{}, err
		}
	}
	return Handed{Vendor: string(p.channel), ID: "msg-1"}, nil
}

type fakePhones struct{ err error }

func (p fakePhones) RegistryPhones(ctx context.Context, people []models.ID) (map[models.ID]models.Phone, error) {
	out := map[models.ID]models.Phone{}
	for _, id := range people {
		phone, err := p.NoticePhone(ctx, id, ToRegistryPhone, "")
		if errors.Is(err, ErrNoPhone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[id] = phone
	}
	return out, nil
}

func (p fakePhones) NoticePhone(context.Context, models.ID, Destination, models.ID) (models.Phone, error) {
	if p.err != nil {
		return models.Phone{}, p.err
	}
	return models.ParsePhone("13800138000")
}

type fakeSettings map[string]string

func (s fakeSettings) ArrivalSender(_ context.Context, bank string, _ time.Time) (string, error) {
	if v, ok := s[bank]; ok {
		return v, nil
	}
	return "", errors.New("no policy")
}

type openGate struct{ err error }

func (g openGate) Allow(context.Context, models.Actor, models.Act) error { return g.err }

// bench is one process on a fresh table.
type bench struct {
	*queue
	*vendor
	phones   fakePhones
	settings fakeSettings
	gate     openGate
}

func newBench() *bench {
	return &bench{
		queue: &queue{
			clock:  models.NewManualClock(time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)),
			causes: map[string]models.ID{}, wishes: map[models.ID]Wishes{}, consents: map[models.ID]int{}, off: map[models.ID]string{},
		},
		vendor:   &vendor{},
		settings: fakeSettings{"luoyang": SenderPlatform, "abc": SenderBank},
	}
}

func (b *bench) process(t *testing.T, life *mortality) *Service {
	t.Helper()
	p := Ports{
		Store: fakeStore{b.queue, life}, Refusals: fakeStore{b.queue, life}, Sender: fakeSender{b.vendor, life}, Phones: b.phones, Settings: b.settings, Gate: b.gate, Clock: b.clock,
	}
	for _, channel := range Platforms {
		p.Pushers = append(p.Pushers, fakePusher{b.vendor, channel})
	}
	s, err := New(p, Config{QuietFrom: 21, QuietTo: 8, Parallel: 1})
	require.NoError(t, err)
	return s
}

func arrival(cause string) Draft {
	return Draft{Cause: cause, Kind: Arrival, PersonID: models.NewID(), Scope: "luoyang", Params: map[string]string{"amount": "338.00"}}
}

func loss(cause string) Draft {
	return Draft{Cause: cause, Kind: LossEffective, PersonID: models.NewID()}
}
