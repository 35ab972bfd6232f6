package notice

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"onecard/models"
)

// bookFresh is how old a process's copy of the filings may be. A vendor refuses by itself what it stopped meanwhile.
const bookFresh = 10 * time.Second

// Book says under which code a template may be sent, out of a copy in memory that is read again every few seconds: no
// message costs a statement. Where the rows cannot be read the copy counts on; without one nothing is sent.
type Book struct {
	store  FilingStore
	clock  models.Clock
	places []FilingPlace
	texts  map[string]Text // by channel and template

	mu     sync.Mutex
	rows   map[string][]Filing // by vendor and template
	readAt time.Time
}

// NewBook makes the book of the places of the settings.
func NewBook(store FilingStore, clock models.Clock, places []FilingPlace) *Book {
	b := &Book{store: store, clock: clock, places: places, texts: map[string]Text{}}
	for _, c := range append([]Channel{SMS}, Platforms...) {
		for _, t := range TextsOf(c) {
			b.texts[string(c)+" "+t.Template] = t
		}
	}
	return b
}

// The codes of what the book withholds.
const (
	ReasonNotApproved   = "template_not_approved"
	reasonBookUnread    = "templates_not_readable"
	notApprovedAskAgain = time.Minute
	unreadAskAgain      = 5 * time.Second
)

// Carried is the filing under which the template goes out at a vendor. What may not be sent there is a *SendError that
// tells nothing of the vendor: the message goes to the next one, or waits.
func (b *Book) Carried(ctx context.Context, c Channel, vendor, template string) (Filing, error) {
	rows, err := b.read(ctx)
	if err != nil {
		return Filing{}, &SendError{Class: NotAccepted, Code: reasonBookUnread, After: unreadAskAgain}
	}
	f, ok := carrying(rows[vendor+" "+template], b.texts[string(c)+" "+template])
	if ok && c != SMS {
		ok = f.Version == b.texts[string(c)+" "+template].Version && f.Code == b.codeOf(vendor, template) // an older one has other fields
	}
	if !ok {
		return Filing{}, &SendError{Class: NotAccepted, Code: ReasonNotApproved, After: notApprovedAskAgain, Vendor: vendor}
	}
	return f, nil
}

// Bodies implements Carried. A vendor that is no longer in the settings counts: its messages are still in phones.
func (b *Book) Bodies(ctx context.Context, k Kind) ([]string, error) {
	rows, err := b.read(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for place, list := range rows {
		if vendor, template, _ := strings.Cut(place, " "); template != string(k) || strings.Contains(vendor, ":") { // a platform's app
			continue
		}
		for _, f := range list {
			if !slices.Contains(out, f.Body) {
				out = append(out, f.Body)
			}
		}
	}
	return out, nil
}

// codeOf is the code of the settings, under which a platform's adapter sends.
func (b *Book) codeOf(vendor, template string) string {
	at := slices.IndexFunc(b.places, func(p FilingPlace) bool { return p.Vendor == vendor })
	if at < 0 {
		return ""
	}
	return b.places[at].Codes[template]
}

func (b *Book) read(ctx context.Context) (map[string][]Filing, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	if age := now.Sub(b.readAt); b.rows != nil && age >= 0 && age < bookFresh {
		return b.rows, nil
	}
	list, err := b.store.Filings(ctx)
	if err != nil {
		if b.rows == nil {
			return nil, err
		}
		b.readAt = now // the copy counts on, and not every message asks a database that is gone
		return b.rows, nil
	}
	rows := map[string][]Filing{}
	for _, f := range list {
		rows[f.Vendor+" "+f.Template] = append(rows[f.Vendor+" "+f.Template], f)
	}
	b.rows, b.readAt = rows, now
	return rows, nil
}

// Standing is how a template stands at all places of its channel together.
type Standing int

// The standings, the best first.
const (
	StandsCurrent Standing = iota // at some place the text of this release is approved
	StandsOlder                   // only an older text is
	StandsNowhere                 // nowhere is any: it is not sent on this channel
)

// Standings is how each template stands that is sent by SMS. A platform's app has SMS beside it and is not judged.
func (b *Book) Standings(ctx context.Context) (map[Kind]Standing, error) {
	rows, err := b.read(ctx)
	if err != nil {
		return nil, err
	}
	out := map[Kind]Standing{}
	for _, s := range specs {
		now, best := b.texts[string(SMS)+" "+string(s.Kind)], StandsNowhere
		for _, p := range b.places {
			f, ok := carrying(rows[p.Vendor+" "+string(s.Kind)], now)
			switch {
			case p.Channel != SMS || !ok:
			case f.Version == now.Version:
				best = StandsCurrent
			default:
				best = min(best, StandsOlder)
			}
		}
		out[s.Kind] = best
	}
	return out, nil
}
