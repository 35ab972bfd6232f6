package hotline

import (
	"context"
	"errors"

	"onecard/models"
)

// Operator is the actor of the command line, where whoever may run it is already the machine's administrator.
func Operator() models.Actor { return models.Actor{Kind: models.SystemActor, Channel: models.Console} }

// AddStaffInput is a new account. An empty Password asks for one to be made.
type AddStaffInput struct {
	Login, Name, Password string
	Roles                 []string
	District, Department  string
}

// Enrolment is what a new or reset member of staff needs. It is shown once and kept nowhere.
type Enrolment struct {
	Staff    Staff
	Password string
	Secret   string // for typing into an authenticator program
	URI      string // for scanning
}

// AddStaff makes an account with a password and a second factor. Administrators and the command line may;
// ErrLoginTaken, ErrRolesClash, ErrPasswordWeak.
func (s *Service) AddStaff(ctx context.Context, by models.Actor, in AddStaffInput) (Enrolment, error) {
	if err := s.mayManage(ctx, by); err != nil {
		return Enrolment{}, err
	}
	m, err := newStaff(in)
	if err != nil {
		return Enrolment{}, err
	}
	m.CreatedAt = s.Clock.Now()
	e, err := renewFactors(ctx, &m, in.Password)
	if err != nil {
		return Enrolment{}, err
	}
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		if err := s.Staff.CreateStaff(ctx, m); err != nil {
			return err
		}
		return s.record(ctx, by, "hotline.staff.added", "staff", string(m.ID), "done")
	})
	return e, err
}

func newStaff(in AddStaffInput) (Staff, error) {
	login := normaliseLogin(in.Login)
	if !loginForm.MatchString(login) {
		return Staff{}, ErrStaffNameForm
	}
	name, err := models.ParseName(in.Name)
	if err != nil {
		return Staff{}, err
	}
	roles, err := ParseRoles(in.Roles)
	if err != nil {
		return Staff{}, err
	}
	return Staff{
		ID: models.NewID(), Login: login, Name: name, Roles: roles,
		District: in.District, Department: in.Department, Version: 1,
	}, nil
}

// renewFactors gives m a password (made when empty) and a new TOTP secret.
func renewFactors(ctx context.Context, m *Staff, password string) (Enrolment, error) {
	var err error
	if password == "" {
		if password, err = newPassword(m.Login); err != nil {
			return Enrolment{}, err
		}
	}
	if err := checkPassword(m.Login, password); err != nil {
		return Enrolment{}, err
	}
	if m.PasswordHash, err = hashPassword(ctx, password); err != nil {
		return Enrolment{}, err
	}
	if m.TOTPSecret, err = newTOTPSecret(); err != nil {
		return Enrolment{}, err
	}
	m.LastStep = 0
	return Enrolment{Staff: *m, Password: password, Secret: m.TOTPSecret, URI: enrolmentURI(m.Login, m.TOTPSecret)}, nil
}

// ListStaff is every account, without secrets.
func (s *Service) ListStaff(ctx context.Context, by models.Actor) ([]Staff, error) {
	if err := s.mayManage(ctx, by); err != nil {
		return nil, err
	}
	return s.Staff.ListStaff(ctx)
}

// DisableStaff closes an account for good and ends its sessions in the same commit.
func (s *Service) DisableStaff(ctx context.Context, by models.Actor, login string) error {
	m, err := s.manageable(ctx, by, login)
	if err != nil {
		return err
	}
	m.DisabledAt = s.Clock.Now()
	return s.change(ctx, by, m, "hotline.staff.disabled", "disabled")
}

// ResetStaff gives new factors, lifts the lock and ends the sessions in the same commit.
func (s *Service) ResetStaff(ctx context.Context, by models.Actor, login, password string) (Enrolment, error) {
	m, err := s.manageable(ctx, by, login)
	if err != nil {
		return Enrolment{}, err
	}
	e, err := renewFactors(ctx, &m, password)
	if err != nil {
		return Enrolment{}, err
	}
	return e, s.change(ctx, by, m, "hotline.staff.reset", "reset")
}

func (s *Service) manageable(ctx context.Context, by models.Actor, login string) (Staff, error) {
	if err := s.mayManage(ctx, by); err != nil {
		return Staff{}, err
	}
	m, err := s.Staff.StaffByLogin(ctx, normaliseLogin(login))
	if err != nil {
		return Staff{}, err
	}
	if !m.DisabledAt.IsZero() {
		return Staff{}, ErrStaffUnchanged
	}
	return m, nil
}

func (s *Service) change(ctx context.Context, by models.Actor, m Staff, action, reason string) error {
	return s.Journal.InTx(ctx, func(ctx context.Context) error {
		if err := s.Staff.UpdateStaff(ctx, m); err != nil {
			return err
		}
		if err := s.Attempts.ForgetAttempts(ctx, m.Login); err != nil {
			return err
		}
		if _, err := s.Sessions.EndSessionsOf(ctx, m.ID, s.Clock.Now(), reason); err != nil {
			return err
		}
		return s.record(ctx, by, action, "staff", string(m.ID), "done")
	})
}

func (s *Service) mayManage(ctx context.Context, by models.Actor) error {
	if by.Kind == models.SystemActor && by.Channel == models.Console {
		return nil
	}
	_, err := s.member(ctx, by, MayManageStaff)
	return err
}

// DemoStaff is an account whose factors everyone knows.
type DemoStaff struct {
	Login, Name, Password, TOTPSecret string
	Roles                             []string
}

// EnsureStaff makes the demo account of dev and demo if it is not there yet. Production gets ErrDemoInUse, and would
// refuse its log-in even if the row came over with a copied database.
func (s *Service) EnsureStaff(ctx context.Context, in DemoStaff) error {
	if s.Production {
		return ErrDemoInUse
	}
	old, err := s.Staff.StaffByLogin(ctx, normaliseLogin(in.Login))
	if err == nil && !old.Demo {
		return ErrLoginTaken
	}
	if err == nil || !errors.Is(err, models.ErrNotFound) {
		return err
	}
	m, err := newStaff(AddStaffInput{Login: in.Login, Name: in.Name, Roles: in.Roles})
	if err != nil {
		return err
	}
	m.Demo, m.TOTPSecret, m.CreatedAt = true, in.TOTPSecret, s.Clock.Now()
	if m.PasswordHash, err = hashPublic(ctx, in.Password); err != nil {
		return err
	}
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		if err := s.Staff.CreateStaff(ctx, m); err != nil {
			return err
		}
		return s.record(ctx, Operator(), "hotline.staff.added", "staff", string(m.ID), "done", "demo", "yes")
	})
	if errors.Is(err, ErrLoginTaken) { // a second process was first
		return nil
	}
	return err
}
