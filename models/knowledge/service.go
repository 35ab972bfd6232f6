package knowledge

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// Service finds articles and lets the staff's editors change them. It is safe for many goroutines.
type Service struct {
	Deps
	shelf shelf
}

// New builds the service; Seed brings what the release ships.
func New(d Deps) *Service { return &Service{Deps: d} }

// LogValue keeps a Service out of logs.
func (s *Service) LogValue() slog.Value { return slog.StringValue("knowledge") }

// Another replica's publication is seen after the first; the second bridges a database that is away for a moment.
const (
	askAgainAfter = 2 * time.Second
	usableFor     = time.Minute
)

// shelf is what is published, made ready to be searched. The lock is never held while the database is asked.
type shelf struct {
	mu      sync.Mutex
	now     *published // never written to once it is here
	askedAt time.Time
	asking  bool // one caller asks; the others answer from now meanwhile
	dirty   bool // this process has published since
	changes int  // counts forget, so that a read that began before it is not kept
}

// published is all that was published at an edition, with the figures of policy in their places.
type published struct {
	edition  int64
	versions []Version // as arrange puts them
	keys     []string  // figures that texts name
	words    map[string]string
	entries  []entry // one for each version, at the same place
}

// look gives what is published as of a moment ago, with the figures of now.
func (s *Service) look(ctx context.Context) (*published, error) {
	p, err := s.lookUp(ctx)
	if err != nil {
		return nil, err
	}
	words, same := map[string]string{}, true
	now := s.Clock.Now()
	for _, key := range p.keys {
		w, ok, err := s.Policy.Words(ctx, key, now)
		if err != nil {
			return nil, err
		}
		if ok {
			words[key] = w
		}
		same = same && words[key] == p.words[key]
	}
	if same && p.entries != nil {
		return p, nil
	}
	fresh := &published{edition: p.edition, versions: p.versions, keys: p.keys, words: words, entries: prepareVersions(p.versions, words)}
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	if s.shelf.now == p {
		s.shelf.now = fresh
	}
	return fresh, nil
}

func (s *Service) lookUp(ctx context.Context) (*published, error) {
	now := s.Clock.Now()
	s.shelf.mu.Lock()
	last, changes, age := s.shelf.now, s.shelf.changes, now.Sub(s.shelf.askedAt)
	usable := last != nil && !s.shelf.dirty && age >= 0 && age < usableFor
	if usable && (age < askAgainAfter || s.shelf.asking) {
		s.shelf.mu.Unlock()
		return last, nil
	}
	keep := last
	if s.shelf.dirty {
		keep = nil
	}
	s.shelf.asking = true
	s.shelf.mu.Unlock()

	fresh, err := s.ask(ctx, keep)
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	s.shelf.asking = false
	if err != nil {
		if usable {
			return last, nil
		}
		return nil, err
	}
	if changes == s.shelf.changes {
		s.shelf.now, s.shelf.askedAt, s.shelf.dirty = fresh, now, false
	}
	return fresh, nil
}

// ask reads the edition, and the texts where it is another than that of last. The edition is read first: what is committed
// between the two reads is read again with the next edition.
func (s *Service) ask(ctx context.Context, last *published) (*published, error) {
	edition, err := s.Store.Edition(ctx)
	if err != nil || last != nil && last.edition == edition {
		return last, err
	}
	versions, err := s.Store.Published(ctx)
	if err != nil {
		return nil, err
	}
	arrange(versions)
	p := &published{edition: edition, versions: versions}
	for _, v := range versions {
		for _, key := range figures(v.Question + v.Answer) {
			p.keys = appendNew(p.keys, key)
		}
	}
	return p, nil
}

// forget makes the next look read again.
func (s *Service) forget() {
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	s.shelf.dirty = true
	s.shelf.changes++
}

// inForce are the entries that are read on a day.
func (p *published) inForce(day models.Date, who ...Audience) []entry {
	places := p.onDay(day, who...)
	out := make([]entry, len(places))
	for i, at := range places {
		out[i] = p.entries[at]
	}
	return out
}

// onDay are the places of what is read on a day: of each article the latest version that counts by then, unless it has
// ended.
func (p *published) onDay(day models.Date, who ...Audience) []int {
	out := make([]int, 0, len(p.versions))
	article := ""
	for i, v := range p.versions {
		if v.ID == article || v.CountsFrom > day {
			continue
		}
		article = v.ID
		if slices.Contains(who, v.Audience) && (v.ValidTo == "" || v.ValidTo >= day) {
			out = append(out, i)
		}
	}
	return out
}

// record writes one audit entry of a decision about a version.
func (s *Service) record(ctx context.Context, by models.Actor, v Version, what string, notes ...string) error {
	e := audit.Of(by, s.Clock.Now(), "knowledge.article."+what, "articles", v.ID, "done").Noting("version", itoa(v.Version))
	for i := 0; i+1 < len(notes); i += 2 {
		e = e.Noting(notes[i], notes[i+1])
	}
	return s.Store.RecordAudit(ctx, e)
}
