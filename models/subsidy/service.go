package subsidy

import (
	"context"
	"log/slog"
	"time"

	"onecard/models"
)

// Service answers about programmes and payments.
type Service struct {
	Store       Store
	Gate        Gate
	Banks       BankName
	Clock       models.Clock
	Log         *slog.Logger
	HistoryFrom time.Time // payments changed before make no notice (design 7, notify_from)
}

// Catalogue is the public list on one day (R6).
type Catalogue struct {
	On         models.Date
	Programmes []Programme
	AsOf       time.Time
}

// OfficialList is where the list is published (R6); shown beside every copy of it.
const OfficialList = "西工区人民政府网站 政务公开 惠民惠农财政补贴项目清单"

// Programmes is the catalogue valid on a date, by its number; items outside the 45 follow (R10). No login is needed.
func (s *Service) Programmes(ctx context.Context, on models.Date) (Catalogue, error) {
	if on == "" {
		on = models.DateOf(s.Clock.Now())
	}
	all, err := s.Store.Programmes(ctx)
	if err != nil {
		return Catalogue{}, err
	}
	asOf, err := s.Store.PaymentsAsOf(ctx)
	if err != nil {
		return Catalogue{}, err
	}
	c := Catalogue{On: on, AsOf: asOf}
	for _, p := range all {
		if p.InForce(on) {
			c.Programmes = append(c.Programmes, p)
		}
	}
	return c, nil
}

// editions indexes every programme edition.
type editions map[string]map[int]Programme

func (s *Service) editions(ctx context.Context) (editions, error) {
	all, err := s.Store.Programmes(ctx)
	if err != nil {
		return nil, err
	}
	out := editions{}
	for _, p := range all {
		if out[p.Code] == nil {
			out[p.Code] = map[int]Programme{}
		}
		out[p.Code][p.Edition] = p
	}
	return out, nil
}

func (e editions) of(p Payment) (Programme, bool) {
	pr, ok := e[p.Programme][p.Edition]
	return pr, ok
}
