package hotline

import (
	"context"

	"onecard/models"
)

// shown leaves out of orders what names a programme that is not of the class normal: its code alone names it, and whoever gets it
// with it. The department that pays it reads it, nobody else of the staff (R55).
func (s *Orders) shown(ctx context.Context, m Staff, list ...*WorkOrder) error {
	normal, err := s.Routes.NormalProgrammes(ctx)
	if err != nil {
		return err
	}
	for _, o := range list {
		if o.Department == "" || o.Department != m.Department {
			o.neutral(normal)
		}
	}
	return nil
}

func (o *WorkOrder) neutral(normal map[string]bool) {
	if !normal[o.Programme] {
		o.Programme = ""
	}
	if o.Object == "programmes" && !normal[o.ObjectID] {
		o.ObjectID = ""
	}
}

func (s *Orders) shownList(ctx context.Context, m Staff, list []WorkOrder) ([]WorkOrder, error) {
	all := make([]*WorkOrder, len(list))
	for i := range list {
		all[i] = &list[i]
	}
	return list, s.shown(ctx, m, all...)
}

// OpenEnquiries lists what stands in a state, for roles that see cases; it names no person and no programme that an order would
// not name.
func (s *Orders) OpenEnquiries(ctx context.Context, by models.Actor, state EnquiryState, p Page) ([]Enquiry, error) {
	list, err := s.Service.OpenEnquiries(ctx, by, state, p)
	if err != nil {
		return nil, err
	}
	return list, s.neutralEnquiries(ctx, list)
}

func (s *Orders) neutralEnquiries(ctx context.Context, list []Enquiry) error {
	normal, err := s.Routes.NormalProgrammes(ctx)
	if err != nil {
		return err
	}
	for i := range list {
		if e := &list[i]; e.Object == "programmes" && !normal[e.ObjectID] {
			e.ObjectID = ""
		}
	}
	return nil
}

// enquiryShown reads an enquiry as the list shows it.
func (s *Orders) enquiryShown(ctx context.Context, id models.ID) (Enquiry, error) {
	e, err := s.Enquiries.EnquiryByID(ctx, id)
	if err != nil {
		return Enquiry{}, err
	}
	list := []Enquiry{e}
	err = s.neutralEnquiries(ctx, list)
	return list[0], err
}
