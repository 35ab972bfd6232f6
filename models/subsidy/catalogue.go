package subsidy

import (
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"onecard/models"
)

// CatalogueQuery asks for the public list. Empty fields leave nothing out.
type CatalogueQuery struct {
	On         models.Date // the day whose versions are wanted; empty: today
	Text       string      // words, each of them part of a name, a domain, a department or a code
	Domain     string
	Department string // part of a department's name: items are run by one or by several
	PayeeKind  string
}

// Catalogue is the public list on one day (R6).
type Catalogue struct {
	On          models.Date
	VersionDate models.Date // when the newest of its versions was published
	Programmes  []Programme // the numbered items, in their order
	Local       []Programme // items outside the list that are paid all the same (R10)
	Shipped     bool        // the product's own copy, as long as the registry was not heard
	AsOf        time.Time
}

// OfficialList is where the list is published (R6); shown beside every copy of it.
const OfficialList = "西工区人民政府网站 政务公开 惠民惠农财政补贴项目清单"

// Programmes is the catalogue valid on a date. No login is needed.
func (s *Service) Programmes(ctx context.Context, q CatalogueQuery) (Catalogue, error) {
	if q.On == "" {
		q.On = models.DateOf(s.Clock.Now())
	}
	all, asOf, err := s.catalogue(ctx)
	if err != nil {
		return Catalogue{}, err
	}
	c := Catalogue{On: q.On, AsOf: asOf}
	words := strings.Fields(folded(q.Text))
	for _, p := range inForce(all, q.On) {
		c.VersionDate, c.Shipped = max(c.VersionDate, p.PublishedOn), c.Shipped || p.Shipped
		switch {
		case !p.matches(words, q):
		case p.Number == 0:
			c.Local = append(c.Local, p)
		default:
			c.Programmes = append(c.Programmes, p)
		}
	}
	return c, nil
}

// catalogue is every version of every item, the items of the list first. It is the process's copy, not to be changed.
func (s *Service) catalogue(ctx context.Context) ([]Programme, time.Time, error) {
	k, err := s.look(ctx)
	if err != nil {
		return nil, time.Time{}, err
	}
	return orShipped(k.told), k.asOf, nil
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

// matches reports whether an item is among those asked for; every word must be found somewhere.
func (p Programme) matches(words []string, q CatalogueQuery) bool {
	if q.Domain != "" && q.Domain != p.Domain || q.PayeeKind != "" && q.PayeeKind != p.PayeeKind ||
		!strings.Contains(folded(p.Department), folded(q.Department)) {
		return false
	}
	in := folded(strings.Join([]string{p.Name, p.ShortName, p.Department, p.DomainLabel(), p.Domain, p.Code}, "\n"))
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(in, w) })
}

// folded makes texts comparable: full width and half width, capital and small letters are the same.
func folded(s string) string { return strings.ToLower(strings.TrimSpace(norm.NFKC.String(s))) }

// Programme is one item of the list as it is valid on a day, today where none is named.
func (s *Service) Programme(ctx context.Context, code string, on models.Date) (Programme, time.Time, error) {
	if on == "" {
		on = models.DateOf(s.Clock.Now())
	}
	all, asOf, err := s.catalogue(ctx)
	if err != nil {
		return Programme{}, time.Time{}, err
	}
	for _, p := range inForce(all, on) {
		if p.Code == code {
			return p, asOf, nil
		}
	}
	return Programme{}, time.Time{}, ErrProgrammeNotFound
}

// WholeCatalogue is every version of every item, for those who load it into a machine.
func (s *Service) WholeCatalogue(ctx context.Context) ([]Programme, time.Time, error) {
	all, asOf, err := s.catalogue(ctx)
	return slices.Clone(all), asOf, err
}
