package citizen

import (
	"context"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// Me is what a person sees of herself: our dated copy of the registry's facts, and how she is bound here. Its values
// mask themselves (R54).
type Me struct {
	Level       models.Level
	CheckedAt   time.Time
	Borrowed    bool
	Account     Account   // zero on a borrowed phone
	Person      Person    // zero before binding
	Accounts    []Account // every platform account that stands for the person (R52), oldest binding first
	PhoneChange PhoneChange
}

// ShowMe answers what the actor's session knows of her; before binding only the account.
func (s *Service) ShowMe(ctx context.Context, by models.Actor) (Me, error) {
	if by.Kind != models.CitizenActor || by.SessionID == "" {
		return Me{}, ErrSessionInvalid
	}
	me := Me{Level: by.LevelAt(s.Clock.Now()), CheckedAt: by.CheckedAt, Borrowed: by.AccountID == ""}
	var err error
	if by.AccountID != "" {
		if me.Account, err = s.Accounts.Account(ctx, by.AccountID); err != nil {
			return Me{}, err
		}
	}
	if by.ID == "" {
		return me, nil
	}
	if me.Person, err = s.Persons.Person(ctx, by.ID); err != nil {
		return Me{}, err
	}
	if me.Accounts, err = s.Accounts.AccountsOf(ctx, by.ID); err != nil {
		return Me{}, err
	}
	me.PhoneChange, err = s.PhoneChanges.OpenPhoneChange(ctx, by.ID)
	if errors.Is(err, models.ErrNotFound) {
		err = nil
	}
	return me, err
}

// RevealMe answers the same for a person who passed a check just now and wants to see her data unmasked (level
// fresh); it is audited. The caller reveals the values it shows.
func (s *Service) RevealMe(ctx context.Context, by models.Actor) (Me, error) {
	if err := s.Gate.Allow(ctx, by, models.ActReveal); err != nil {
		return Me{}, err
	}
	me, err := s.ShowMe(ctx, by)
	if err != nil {
		return Me{}, err
	}
	entry := audit.Of(by, s.Clock.Now(), "citizen.data.revealed", "persons", string(by.ID), "done")
	return me, s.Decisions.RecordAudit(ctx, entry)
}

// BoundAt tells when an account was bound; the zero time for one that is not. Cards ask it for R35's 24 hours.
func (s *Service) BoundAt(ctx context.Context, account models.ID) (time.Time, error) {
	a, err := s.Accounts.Account(ctx, account)
	return a.BoundAt, err
}
