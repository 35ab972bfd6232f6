package hotline

import (
	"context"

	"onecard/models"
)

// Reviewer is the acting member of staff, if a role of theirs decides about held payments. Who has none is refused, and
// the attempt is audited.
func (s *Service) Reviewer(ctx context.Context, by models.Actor) (Staff, error) {
	return s.reviewing(ctx, by, MayReviewHeld)
}

// Campaigner is the acting member of staff, if a role of theirs sends reminders to many; else as Reviewer.
func (s *Service) Campaigner(ctx context.Context, by models.Actor) (Staff, error) {
	return s.reviewing(ctx, by, MayCampaign)
}

// MayReviewGuardians answers the citizen capability's question before somebody looks at a household book.
func (s *Service) MayReviewGuardians(ctx context.Context, by models.Actor) error {
	_, err := s.reviewing(ctx, by, MayReviewBooks)
	return err
}

// Permitted is the acting member of staff, if a role of theirs opens p; else as Reviewer.
func (s *Service) Permitted(ctx context.Context, by models.Actor, p Permission) (Staff, error) {
	return s.reviewing(ctx, by, p)
}

func (s *Service) reviewing(ctx context.Context, by models.Actor, what Permission) (Staff, error) {
	m, err := s.member(ctx, by, what)
	if !ErrNotPermitted.Is(err) {
		return m, err
	}
	return Staff{}, s.NotPermitted(ctx, by, what, "")
}

// NotPermitted writes down that somebody of the staff tried what none of their roles opens, at which operation where the
// edge knows it, and is the refusal: ErrNotPermitted.
func (s *Service) NotPermitted(ctx context.Context, by models.Actor, what Permission, operation string) error {
	notes := []string{"act", string(what), "code", ErrNotPermitted.Code}
	if operation != "" {
		notes = append(notes, "operation", operation)
	}
	if err := s.record(ctx, by, "hotline.act.refused", "staff", string(by.ID), "refused", notes...); err != nil {
		return err
	}
	return ErrNotPermitted
}

// ReviewerByID is an active member of staff with that role; models.ErrNotFound.
func (s *Service) ReviewerByID(ctx context.Context, id models.ID) (Staff, error) {
	m, err := s.Staff.StaffByID(ctx, id)
	if err == nil && !m.Can(MayReviewHeld) {
		err = models.ErrNotFound
	}
	return m, err
}
