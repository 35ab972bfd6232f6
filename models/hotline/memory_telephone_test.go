package hotline_test

import (
	"context"
	"slices"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// telephoneRows are what the telephone's ports keep, rolled back with all others.
type telephoneRows struct {
	events        []hotline.TelephoneEvent
	conversations []hotline.ExchangeCall
	extensions    map[string]models.ID
	phoneChecks   []hotline.PhoneCheck
	promises      []hotline.CallBack
	console       map[models.ID][]hotline.ConsoleEvent
	streams       map[models.ID]models.ID
	codes         map[models.ID]string // of a call
	codeTries     int
}

func (r telephoneRows) copy() telephoneRows {
	r.events, r.conversations = slices.Clone(r.events), slices.Clone(r.conversations)
	r.phoneChecks, r.promises = slices.Clone(r.phoneChecks), slices.Clone(r.promises)
	console := map[models.ID][]hotline.ConsoleEvent{}
	for k, v := range r.console {
		console[k] = slices.Clone(v)
	}
	r.console = console
	return r
}

// line is the telephone's side of memory, and the exchange.
type line struct {
	*memory
	dials    bool
	dialled  []hotline.DialOrder
	asked    []hotline.DigitsOrder
	refuses  error
	holidays map[models.Date]bool
	losses   []hotline.PromisedLoss
	counted  map[string]int
	rated    []int
}

func (l *line) deps() hotline.TelephoneDeps {
	return hotline.TelephoneDeps{
		Telephone: l, Extensions: l, Exchange: l, Codes: l, PhoneChecks: l, CallBackQueue: promises{l}, Streams: l, Workdays: l, TelephoneWatch: l, Ratings: l,
	}
}

func (l *line) DialsOut() bool { return l.dials }

func (l *line) Dial(_ context.Context, o hotline.DialOrder) error {
	l.dialled = append(l.dialled, o)
	return l.refuses
}

func (l *line) AskDigits(_ context.Context, o hotline.DigitsOrder) error {
	l.asked = append(l.asked, o)
	return l.refuses
}

func (l *line) RateCall(_ context.Context, _ models.ID, level int) error {
	l.rated = append(l.rated, level)
	return nil
}

func (l *line) count(what string)                { l.counted[what]++ }
func (l *line) EventTaken(kind, how string)      { l.count(kind + " " + how) }
func (l *line) EventRefused(why string)          { l.count("refused " + why) }
func (l *line) EventWorked(kind, outcome string) { l.count(kind + " " + outcome) }
func (l *line) CallBackOverdue()                 { l.count("overdue") }
func (l *line) EventGaveUp()                     { l.count("gave up") }

func (l *line) Workday(_ context.Context, day models.Date) (bool, error) {
	weekday := day.Start().In(models.Shanghai).Weekday()
	return weekday != time.Saturday && weekday != time.Sunday && !l.holidays[day], nil
}

func (l *line) AddEvent(ctx context.Context, e hotline.TelephoneEvent) error {
	defer l.lock(ctx)()
	if slices.ContainsFunc(l.rows.tel.events, func(o hotline.TelephoneEvent) bool { return o.EventID == e.EventID }) {
		return hotline.ErrEventKnown
	}
	l.rows.tel.events = append(l.rows.tel.events, e)
	return nil
}

func (l *line) EventsDue(ctx context.Context, at time.Time, most int) (out []hotline.TelephoneEvent, err error) {
	defer l.lock(ctx)()
	for _, e := range l.rows.tel.events {
		if e.State == hotline.EventWaiting && !e.DueAt.After(at) && len(out) < most {
			out = append(out, e)
		}
	}
	return out, nil
}

func (l *line) SettleEvent(ctx context.Context, id models.ID, state hotline.EventState, outcome string) (bool, error) {
	defer l.lock(ctx)()
	for i := range l.rows.tel.events {
		if e := &l.rows.tel.events[i]; e.ID == id && e.State == hotline.EventWaiting {
			e.State, e.Outcome, e.Digits = state, outcome, hotline.Keyed{}
			return true, nil
		}
	}
	return false, nil
}

func (l *line) PutOffEvent(ctx context.Context, id models.ID, until time.Time) error {
	defer l.lock(ctx)()
	for i := range l.rows.tel.events {
		if e := &l.rows.tel.events[i]; e.ID == id {
			e.DueAt, e.Attempts = until, e.Attempts+1
		}
	}
	return nil
}

func (l *line) DropTelephoneBefore(context.Context, time.Time) error { return nil }

func (l *line) HoldConversation(_ context.Context, x hotline.ExchangeCall) (hotline.ExchangeCall, error) {
	for _, o := range l.rows.tel.conversations {
		if o.Ref == x.Ref {
			return o, nil
		}
	}
	l.rows.tel.conversations = append(l.rows.tel.conversations, x)
	return x, nil
}

func (l *line) UpdateConversation(_ context.Context, x hotline.ExchangeCall) error {
	for i, o := range l.rows.tel.conversations {
		if o.ID == x.ID {
			l.rows.tel.conversations[i] = x
		}
	}
	return nil
}

func (l *line) Conversation(_ context.Context, id models.ID) (hotline.ExchangeCall, error) {
	i := slices.IndexFunc(l.rows.tel.conversations, func(x hotline.ExchangeCall) bool { return x.ID == id })
	if i < 0 {
		return hotline.ExchangeCall{}, models.ErrNotFound
	}
	return l.rows.tel.conversations[i], nil
}

func (l *line) LegsUp(_ context.Context, call models.ID, since time.Time) (n int, err error) {
	for _, x := range l.rows.tel.conversations {
		if x.CallID == call && x.EndedAt.IsZero() && (!x.AnsweredAt.IsZero() || x.Outgoing && x.MadeAt.After(since)) {
			n++
		}
	}
	return n, nil
}

func (l *line) DialUnderWay(_ context.Context, callBack models.ID, since time.Time) (bool, error) {
	return slices.ContainsFunc(l.rows.tel.conversations, func(x hotline.ExchangeCall) bool {
		return x.CallBackID == callBack && x.EndedAt.IsZero() && x.AnsweredAt.IsZero() && x.MadeAt.After(since)
	}), nil
}

func (l *line) SilentCalls(ctx context.Context, since time.Time, _ int) (out []models.ID, err error) {
	defer l.lock(ctx)()
	for id, c := range l.rows.calls {
		if n, _ := l.LegsUp(ctx, id, since); c.ClosedAt.IsZero() && c.EndedAt.IsZero() && c.ExchangeRef != "" && n == 0 {
			out = append(out, id)
		}
	}
	return out, nil
}

func (l *line) CallsEndedBefore(ctx context.Context, t time.Time, _ int) (out []models.ID, err error) {
	defer l.lock(ctx)()
	for id, c := range l.rows.calls {
		if c.ClosedAt.IsZero() && !c.EndedAt.IsZero() && !c.EndedAt.After(t) {
			out = append(out, id)
		}
	}
	return out, nil
}

func (l *line) CandidatesByNumber(_ context.Context, n hotline.CallerNumber) (count int, err error) {
	for _, p := range l.people {
		if p.Phone.Reveal() == n.Reveal() {
			count++
		}
	}
	return count, nil
}

func (l *line) SetExtension(_ context.Context, staff models.ID, extension string, _ time.Time) error {
	if has := l.rows.tel.extensions[extension]; has != "" && has != staff {
		return hotline.ErrExtensionTaken
	}
	for e, s := range l.rows.tel.extensions {
		if s == staff {
			delete(l.rows.tel.extensions, e)
		}
	}
	if extension != "" {
		l.rows.tel.extensions[extension] = staff
	}
	return nil
}

func (l *line) StaffAt(_ context.Context, extension string) (models.ID, error) {
	if s := l.rows.tel.extensions[extension]; s != "" {
		return s, nil
	}
	return "", models.ErrNotFound
}

func (l *line) ExtensionOf(_ context.Context, staff models.ID) (string, error) {
	for e, s := range l.rows.tel.extensions {
		if s == staff {
			return e, nil
		}
	}
	return "", nil
}

func (l *line) SendCallCode(_ context.Context, _ models.Actor, call, _ models.ID) (time.Time, error) {
	l.rows.tel.codes[call] = "123456"
	return l.now().Add(5 * time.Minute), nil
}

func (l *line) TryCallCode(_ context.Context, call models.ID, digits string) (bool, error) {
	l.rows.tel.codeTries++
	return l.rows.tel.codes[call] == digits, nil
}

func (l *line) AddPhoneCheck(_ context.Context, c hotline.PhoneCheck) error {
	l.rows.tel.phoneChecks = append(l.rows.tel.phoneChecks, c)
	return nil
}

func (l *line) UpdatePhoneCheck(ctx context.Context, c hotline.PhoneCheck, from hotline.PhoneCheckState) error {
	defer l.lock(ctx)()
	for i, o := range l.rows.tel.phoneChecks {
		if o.ID == c.ID && o.State == from && o.Version == c.Version {
			c.Version++
			l.rows.tel.phoneChecks[i] = c
			return nil
		}
	}
	return models.ErrConflict
}

func (l *line) checkBy(fits func(hotline.PhoneCheck) bool) (hotline.PhoneCheck, error) {
	if i := slices.IndexFunc(l.rows.tel.phoneChecks, fits); i >= 0 {
		return l.rows.tel.phoneChecks[i], nil
	}
	return hotline.PhoneCheck{}, models.ErrNotFound
}

func (l *line) PhoneCheckByID(_ context.Context, id models.ID) (hotline.PhoneCheck, error) {
	return l.checkBy(func(c hotline.PhoneCheck) bool { return c.ID == id })
}

func (l *line) OpenPhoneCheck(_ context.Context, call models.ID, kind hotline.PhoneCheckKind) (hotline.PhoneCheck, error) {
	return l.checkBy(func(c hotline.PhoneCheck) bool {
		return c.CallID == call && c.Kind == kind && c.State == hotline.CheckAsked
	})
}

func (l *line) PhoneChecksLapsed(ctx context.Context, at time.Time, _ int) (out []hotline.PhoneCheck, err error) {
	defer l.lock(ctx)()
	for _, c := range l.rows.tel.phoneChecks {
		if c.State == hotline.CheckAsked && !c.ExpiresAt.After(at) {
			out = append(out, c)
		}
	}
	return out, nil
}

func (l *line) PushEvent(_ context.Context, staff models.ID, e hotline.ConsoleEvent) error {
	e.Seq = int64(len(l.rows.tel.console[staff]) + 1)
	if x, err := l.Conversation(context.Background(), e.ExchangeCallID); err == nil {
		e.Caller, e.Candidates = x.Number, x.Candidates
	}
	l.rows.tel.console[staff] = append(l.rows.tel.console[staff], e)
	return nil
}

func (l *line) ConsoleEventsAfter(ctx context.Context, staff models.ID, after int64, _ int) ([]hotline.ConsoleEvent, error) {
	defer l.lock(ctx)()
	return slices.Clone(l.rows.tel.console[staff][min(int(after), len(l.rows.tel.console[staff])):]), nil
}

func (l *line) StreamStart(ctx context.Context, staff models.ID, since time.Time) (seq int64, err error) {
	defer l.lock(ctx)()
	for _, e := range l.rows.tel.console[staff] {
		if e.At.Before(since) {
			seq = e.Seq
		}
	}
	return seq, nil
}

func (l *line) TakeStream(ctx context.Context, staff, stream models.ID) error {
	defer l.lock(ctx)()
	l.rows.tel.streams[staff] = stream
	return nil
}

func (l *line) StreamHolder(ctx context.Context, staff models.ID) (models.ID, error) {
	defer l.lock(ctx)()
	return l.rows.tel.streams[staff], nil
}

func (l *line) SessionOfStream(ctx context.Context, id models.ID) (hotline.Session, error) {
	defer l.lock(ctx)()
	return find(l.rows.sessions, func(s hotline.Session) bool { return s.ID == id })
}

func (l *line) DropConsoleEventsBefore(context.Context, time.Time) error { return nil }
func (l *line) AfterCommit(_ context.Context, f func())                  { f() }

// promises is the queue; its methods would have the names of others of line.
type promises struct{ *line }

func (p promises) AddCallBack(_ context.Context, c hotline.CallBack) error {
	for _, o := range p.rows.tel.promises {
		waits := o.State == hotline.CallBackDue || o.State == hotline.CallBackTaken
		if o.Cause == c.Cause || c.Reason == hotline.ReasonMissed && o.Reason == c.Reason && waits && o.Number == c.Number {
			return hotline.ErrCallBackKnown
		}
	}
	p.rows.tel.promises = append(p.rows.tel.promises, c)
	return nil
}

func (p promises) CallBackByID(ctx context.Context, id models.ID) (hotline.CallBack, error) {
	defer p.lock(ctx)()
	if i := slices.IndexFunc(p.rows.tel.promises, func(c hotline.CallBack) bool { return c.ID == id }); i >= 0 {
		return p.rows.tel.promises[i], nil
	}
	return hotline.CallBack{}, models.ErrNotFound
}

func (p promises) UpdateCallBack(_ context.Context, c hotline.CallBack, from hotline.CallBackState) error {
	for i, o := range p.rows.tel.promises {
		if o.ID == c.ID && o.State == from && o.Version == c.Version {
			c.Version++
			p.rows.tel.promises[i] = c
			return nil
		}
	}
	return models.ErrConflict
}

func (p promises) pick(ctx context.Context, fits func(hotline.CallBack) bool) (out []hotline.CallBack, err error) {
	defer p.lock(ctx)()
	for _, c := range p.rows.tel.promises {
		if fits(c) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b hotline.CallBack) int {
		if d := a.DueAt.Compare(b.DueAt); d != 0 {
			return d
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	return out, nil
}

func (p promises) CallBacks(ctx context.Context, f hotline.CallBackFilter) ([]hotline.CallBack, error) {
	return p.pick(ctx, func(c hotline.CallBack) bool {
		return (c.State == f.State || f.State == "" && !hotline.CallBackFlow.Final(c.State)) && (f.Staff == "" || c.StaffID == "" || c.StaffID == f.Staff)
	})
}

func (p promises) CallBacksOverdue(ctx context.Context, at time.Time, _ int) ([]hotline.CallBack, error) {
	return p.pick(ctx, func(c hotline.CallBack) bool {
		return !hotline.CallBackFlow.Final(c.State) && c.DueAt.Before(at) && c.AlarmedAt.IsZero()
	})
}

func (p promises) CallBacksLeft(ctx context.Context, before time.Time, _ int) ([]hotline.CallBack, error) {
	return p.pick(ctx, func(c hotline.CallBack) bool { return c.State == hotline.CallBackTaken && c.TakenAt.Before(before) })
}

func (p promises) CallBackFigures(context.Context, time.Time) (hotline.CallBackFigures, error) {
	return hotline.CallBackFigures{}, nil
}

func (p promises) PromisedLosses(context.Context, time.Time, time.Time, int) ([]hotline.PromisedLoss, error) {
	return p.losses, nil
}
