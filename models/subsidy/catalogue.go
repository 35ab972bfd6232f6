package subsidy

import (
	"context"
	"slices"
	"strings"
	"time"

	"onecard/models"
)

// CatalogueQuery asks for the public list.
type CatalogueQuery struct {
	On   models.Date // the day whose versions are wanted; empty: today
	Text string      // part of a name, a department or a code; empty: everything
}

// Catalogue is the public list on one day (R6).
type Catalogue struct {
	On          models.Date
	VersionDate models.Date // when the newest of its versions was published
	Programmes  []Programme // the numbered items, in their order
	Local       []Programme // items outside the list that are paid all the same (R10)
	AsOf        time.Time
}

// OfficialList is where the list is published (R6); shown beside every copy of it.
const OfficialList = "西工区人民政府网站 政务公开 惠民惠农财政补贴项目清单"

// Programmes is the catalogue valid on a date. No login is needed.
func (s *Service) Programmes(ctx context.Context, q CatalogueQuery) (Catalogue, error) {
	if q.On == "" {
		q.On = models.DateOf(s.Clock.Now())
	}
	all, err := s.Store.Programmes(ctx)
	if err != nil {
		return Catalogue{}, err
	}
	c := Catalogue{On: q.On}
	for _, p := range inForce(all, q.On) {
		c.VersionDate = max(c.VersionDate, p.PublishedOn)
		switch {
		case !p.matches(q.Text):
		case p.Number == 0:
			c.Local = append(c.Local, p)
		default:
			c.Programmes = append(c.Programmes, p)
		}
	}
	c.AsOf, err = s.Store.PaymentsAsOf(ctx)
	return c, err
}

// inForce keeps one edition of each item: the newest of those valid on the day, should an older one not have been ended.
func inForce(all []Programme, on models.Date) []Programme {
	newest := map[string]int{}
	for _, p := range all {
		if p.InForce(on) {
			newest[p.Code] = max(newest[p.Code], p.Edition)
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(p Programme) bool { return !p.InForce(on) || newest[p.Code] != p.Edition })
}

func (p Programme) matches(text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	for _, in := range []string{p.Name, p.ShortName, p.Department, p.Code} {
		if strings.Contains(strings.ToLower(in), text) {
			return true
		}
	}
	return false
}
