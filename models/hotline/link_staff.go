package hotline

import (
	"context"

	"onecard/models"
)

// LinkStaff records who a member of staff is herself, so that looks at herself and her household are flagged; an empty ref
// takes it back. Only look-up hashes are kept, of her reference at the registry and of her household's on that day: they
// tell nobody who she is. For administrators and the operator. ErrOwnRoles: nobody takes the own link back.
// models.ErrNotFound for a login or person nobody has.
func (s *Service) LinkStaff(ctx context.Context, by models.Actor, login string, ref models.PersonRef) error {
	_, err := s.changeStaff(ctx, by, login, "hotline.staff.linked", func(ctx context.Context, m *Staff) ([]string, error) {
		linked := "yes"
		if ref == "" {
			linked = "no"
		}
		return []string{"linked", linked}, s.Looks.LinkStaff(ctx, m.ID, ref)
	})
	return err
}
