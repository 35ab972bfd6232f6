package subsidy

import (
	"context"
	"time"

	"onecard/models"
)

// PostedList is one public posting (公示): of which programme, where and until when, and who takes objections. It tells
// nothing of persons, nor how many they are.
type PostedList struct {
	BatchID    string
	Programme  Programme // as it is in the batch
	District   string
	Department string
	Period     string
	Posting    Posting
}

// PostingQuery asks for what is posted on a day. Empty fields leave nothing out.
type PostingQuery struct {
	On        models.Date // empty: today
	Programme string
	District  string
	After     PostingPlace // the last one of the page before
	Limit     int
}

// PostingPlace is a place in the list: those that end first stand first.
type PostingPlace struct{ To, Batch string }

// Postings is one page.
type Postings struct {
	On    models.Date
	Items []PostedList
	Next  PostingPlace // zero on the last page
	AsOf  time.Time
}

// PostedBatches reads announced batches by their posting.
type PostedBatches interface {
	// BatchesPosted lists batches posted on a day, those that end first before the others; not those taken back, and none
	// of the programmes left out.
	BatchesPosted(ctx context.Context, q PostingQuery, without []string) ([]Batch, error)
}

// Postings lists what is posted on a day (R8). No login is needed. High programmes are left out: that somebody of a
// township receives one is nobody else's to know (R55).
func (s *Service) Postings(ctx context.Context, q PostingQuery) (Postings, error) {
	if q.On == "" {
		q.On = models.DateOf(s.Clock.Now())
	}
	known, err := s.look(ctx)
	if err != nil {
		return Postings{}, err
	}
	if q.Programme != "" && known.editions[q.Programme] == nil {
		return Postings{}, ErrProgrammeNotFound
	}
	var secret []string
	for code := range known.editions {
		if known.editions.class(code) == SensitivityHigh {
			secret = append(secret, code)
		}
	}
	limit := q.Limit
	q.Limit++
	found, err := s.Store.BatchesPosted(ctx, q, secret)
	if err != nil {
		return Postings{}, err
	}
	out := Postings{On: q.On, AsOf: known.asOf}
	for i, b := range found {
		if i == limit {
			last := found[limit-1]
			out.Next = PostingPlace{string(last.Posting.To), last.ID}
			break
		}
		pr, known := known.editions[b.Programme][b.Edition]
		if !known {
			continue // of an item nobody has classified: not named before it is (R55)
		}
		if b.Posting.Office.Name == "" {
			b.Posting.Office = Hotline
		}
		out.Items = append(out.Items, PostedList{b.ID, pr, b.District, b.Department, b.Period, b.Posting})
	}
	return out, nil
}
