package subsidy

import (
	"context"
	"errors"
	"time"

	"onecard/models"
)

// Linked reads what hangs together.
type Linked interface {
	// LinkedTo lists the person's other payments that name p, or that p names, as what it repeats or was repeated by.
	LinkedTo(ctx context.Context, p Payment) ([]Payment, error)
	// PostingOf is where the list that the payment was made by was posted; the zero posting where the source told none.
	PostingOf(ctx context.Context, p Payment) (Posting, error)
	// BatchPosting is where the batch of a payment was posted, as its announcement says; the zero posting where it says nothing.
	BatchPosting(ctx context.Context, k Key) (Posting, error)
	// FeedbackOf is the person's latest answer about a payment; models.ErrNotFound.
	FeedbackOf(ctx context.Context, person models.ID, k Key) (Feedback, error)
	// OfficesFor lists what may answer for a programme in a district.
	OfficesFor(ctx context.Context, programme, district string) ([]Office, error)
}

// Posting is where and when a list was shown to everybody (公示, R8), and who takes objections.
type Posting struct {
	Place    string
	Township string
	From, To models.Date
	Office   Office
}

// Detail is one payment with its full name, timeline and what to do.
type Detail struct {
	Arrival
	Programme Programme // as it was valid when it was paid (R9)
	Timeline  []Stage
	Links     []Link
	Posting   Posting // Place is empty where the source told none
	Feedback  *Feedback
	Reason    string // why the bank sent it back, in a few words
	Advice    string
	Bank      string
	AsOf      time.Time
}

// Stage is one step of a payment with its instant.
type Stage struct {
	State State
	Label string
	At    time.Time
}

// Relation says how another line belongs to this one.
type Relation string

// The relations (R15). A line that was sent back or taken back stays beside the one that repeats it.
const (
	RelationRepeats    Relation = "repeats"     // the other is the earlier line that this one pays again
	RelationRepeatedBy Relation = "repeated_by" // the other is the later line that pays this one again
)

// Link is another line of the same money.
type Link struct {
	Relation Relation
	Words    string // the relation in Chinese
	Arrival
}

var relationLabels = map[Relation]string{RelationRepeats: "原来的一笔", RelationRepeatedBy: "重新发放的一笔"}

// Arrival shows one payment to its payee. The name of a High programme needs a fresh check (R55); for a
// family helper a sensitive one is not there.
func (s *Service) Arrival(ctx context.Context, by models.Actor, id string) (Detail, error) {
	if err := s.Gate.Allow(ctx, by, models.ActArrivals); err != nil {
		return Detail{}, err
	}
	k, ok := ParseKey(id)
	if !ok {
		return Detail{}, ErrArrivalNotFound
	}
	known, err := s.look(ctx)
	if err != nil {
		return Detail{}, err
	}
	p, err := s.Store.Payment(ctx, by.Subject, k)
	if errors.Is(err, models.ErrNotFound) || err == nil && (hidden(p.Hold) || p.OldChannel) {
		return Detail{}, ErrArrivalNotFound
	}
	if err != nil {
		return Detail{}, err
	}
	programmes, err := s.naming(ctx, known, p)
	if err != nil {
		return Detail{}, err
	}
	if !programmes.showsTo(by, p) {
		return Detail{}, ErrArrivalNotFound
	}
	pr, _ := programmes.of(p)
	if pr.Class() == SensitivityHigh {
		if err := s.Gate.Allow(ctx, by, models.ActArrivalHigh); err != nil {
			return Detail{}, err
		}
	}
	d := Detail{Arrival: Arrival{Payment: p, Code: p.Programme, Name: pr.Name, Label: label(p)}, Programme: pr, Timeline: timeline(p), AsOf: known.asOf}
	if d.Links, err = s.links(ctx, programmes, p); err != nil {
		return Detail{}, err
	}
	if d.Posting, err = s.posting(ctx, p); err != nil {
		return Detail{}, err
	}
	if f, err := s.Store.FeedbackOf(ctx, by.Subject, p.Key); err == nil {
		d.Feedback = &f
	} else if !errors.Is(err, models.ErrNotFound) {
		return Detail{}, err
	}
	if d.Bank, err = s.bankName(ctx, p.AccountBank); err != nil {
		return Detail{}, err
	}
	d.Reason, d.Advice = reason(p), advice(p, d.Bank)
	return d, nil
}

// links lists the other lines of the same money, whichever side names the other.
func (s *Service) links(ctx context.Context, programmes editions, p Payment) ([]Link, error) {
	others, err := s.Store.LinkedTo(ctx, p)
	if err != nil {
		return nil, err
	}
	var out []Link
	for _, o := range others {
		r := RelationRepeatedBy
		if p.ReissueOf == o.Key.String() || o.ReissuedAs == p.Key.String() {
			r = RelationRepeats
		}
		pr, _ := programmes.of(o)
		out = append(out, Link{r, relationLabels[r], Arrival{Payment: o, Name: pr.NeutralName(), Label: label(o)}})
	}
	return out, nil
}

// posting names the place and the office that is nearest to it: her own list's, else that of the batch while it is posted.
func (s *Service) posting(ctx context.Context, p Payment) (Posting, error) {
	posted, err := s.Store.PostingOf(ctx, p)
	if err == nil && posted.Place == "" && p.State == Publicised {
		return s.Store.BatchPosting(ctx, p.Key)
	}
	if err != nil || posted.Place == "" {
		return Posting{}, err
	}
	offices, err := s.Store.OfficesFor(ctx, p.Programme, p.District)
	posted.Office = officeFor(offices, p.Programme, posted.Township)
	return posted, err
}
