package hotline

import (
	"context"

	"onecard/models"
)

// LinkStaff records who a member of staff is herself, so that looks at herself and her household are flagged; an empty ref
// takes it back. Only look-up hashes are kept, of her reference at the registry and of her household's on that day: they
// tell nobody who she is. For administrators and the operator. models.ErrNotFound for a login or person nobody has.
func (s *Service) LinkStaff(ctx context.Context, by models.Actor, login string, ref models.PersonRef) error {
	if by.Kind != models.SystemActor {
		if _, err := s.member(ctx, by, MayManageStaff); err != nil {
			return err
		}
	}
	return s.Journal.InTx(ctx, func(ctx context.Context) error {
		m, err := s.Staff.StaffByLogin(ctx, normaliseLogin(login))
		if err != nil {
			return err
		}
		if err := s.Looks.LinkStaff(ctx, m.ID, ref); err != nil {
			return err
		}
		result := "linked"
		if ref == "" {
			result = "unlinked"
		}
		return s.record(ctx, by, "hotline.staff.linked", "staff", string(m.ID), result)
	})
}
