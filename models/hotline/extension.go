package hotline

import (
	"context"
	"errors"

	"onecard/models"
)

// SetExtension gives a member of staff a telephone, or takes it away with an empty number. Administrators and the command
// line may; no two active members have one extension. ErrExtensionForm, ErrExtensionTaken.
func (s *Service) SetExtension(ctx context.Context, by models.Actor, login, extension string) error {
	if extension != "" && !extensionForm.MatchString(extension) {
		return ErrExtensionForm
	}
	_, err := s.changeStaff(ctx, by, login, "hotline.staff.extension", func(ctx context.Context, m *Staff) ([]string, error) {
		return nil, s.Extensions.SetExtension(ctx, m.ID, extension, s.Clock.Now())
	})
	return err
}

// EnsureExtension gives the demo's staff a telephone where they have none yet and nobody else has it. Production refuses.
func (s *Service) EnsureExtension(ctx context.Context, login, extension string) error {
	if s.Production {
		return ErrDemoInUse
	}
	m, err := s.Staff.StaffByLogin(ctx, normaliseLogin(login))
	if err != nil {
		return err
	}
	if has, err := s.Extensions.ExtensionOf(ctx, m.ID); err != nil || has != "" {
		return err
	}
	err = s.SetExtension(ctx, Operator(), login, extension)
	if errors.Is(err, ErrExtensionTaken) { // somebody else was given it: theirs it stays
		return nil
	}
	return err
}

// OwnExtension is the telephone of the acting member of staff; empty: none.
func (s *Service) OwnExtension(ctx context.Context, by models.Actor) (string, error) {
	m, err := s.member(ctx, by, MayTakeCalls)
	if err != nil {
		return "", err
	}
	return s.Extensions.ExtensionOf(ctx, m.ID)
}
