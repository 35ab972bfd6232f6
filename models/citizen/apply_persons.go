package citizen

import (
	"context"
	"errors"

	"onecard/models"
	"onecard/models/audit"
)

// ApplyPerson takes one fact of the registry; see ApplyPersons.
func (s *Service) ApplyPerson(ctx context.Context, fact PersonFact) error {
	return s.ApplyPersons(ctx, []PersonFact{fact})
}

// ApplyPersons writes facts of the registry into our copy, inside the transaction in ctx if there is one. A fact that
// is not newer than ours changes nothing, so the feed may come twice and out of order. What a newer fact means for
// sessions happens in the same commit: a phone changed by the registry ends our own change of phone; the dead and the
// merged lose their sessions; the accounts of the dead are free for who holds the phone now, those of a merged record
// go to the record it became. Guardianships begin and end by what
// the registry says of the child, and nobody acts for or as one who is gone.
//
// It is made for thousands of facts at once.
func (s *Service) ApplyPersons(ctx context.Context, facts []PersonFact) error {
	now := s.Clock.Now()
	return s.Decisions.InTx(ctx, func(ctx context.Context) error {
		changes, err := s.Persons.ApplyPersons(ctx, facts, now)
		if err != nil {
			return err
		}
		for _, c := range changes {
			if err := s.followChange(ctx, c); err != nil {
				return err
			}
		}
		return s.followRelations(ctx, changes)
	})
}

func (s *Service) followChange(ctx context.Context, c PersonChange) error {
	if c.PhoneChanged {
		if err := s.phoneFromRegistry(ctx, c.PersonID); err != nil {
			return err
		}
	}
	if c.Died {
		n, err := s.Accounts.FreeAccounts(ctx, c.PersonID)
		if err == nil {
			err = s.recordAccounts(ctx, n, "citizen.account.freed", c.PersonID)
		}
		if err != nil {
			return err
		}
		if err := s.endAll(ctx, c.PersonID, EndedByDeath); err != nil {
			return err
		}
	}
	if !c.Merged {
		return nil
	}
	if c.MergedInto != "" {
		if err := s.handOn(ctx, c); err != nil {
			return err
		}
	}
	return s.endAll(ctx, c.PersonID, EndedByMerge)
}

// handOn takes the accounts of a merged record to the one that remains, or off, if that one has died.
func (s *Service) handOn(ctx context.Context, c PersonChange) error {
	into, err := s.lastMerged(ctx, c.MergedInto)
	if err != nil {
		return err
	}
	heir, err := s.Persons.LockPerson(ctx, into)
	if err != nil {
		return err
	}
	if heir.LivingStatus == Deceased {
		n, err := s.Accounts.FreeAccounts(ctx, c.PersonID)
		if err != nil {
			return err
		}
		return s.recordAccounts(ctx, n, "citizen.account.freed", c.PersonID)
	}
	n, err := s.Accounts.MoveAccounts(ctx, c.PersonID, into)
	if err != nil {
		return err
	}
	return s.recordAccounts(ctx, n, "citizen.account.moved", into)
}

// recordAccounts audits what the registry's fact did to a person's accounts, if she had any.
func (s *Service) recordAccounts(ctx context.Context, n int64, action string, person models.ID) error {
	if n == 0 {
		return nil
	}
	entry := audit.Of(models.FromRegistry(), s.Clock.Now(), action, "persons", string(person), "done")
	return s.Decisions.RecordAudit(ctx, entry.About(person))
}

// lastMerged follows a record that was itself merged to the one that remains. Merges may arrive in any order, and a
// ring of them, which the registry must not send, ends after a few steps.
func (s *Service) lastMerged(ctx context.Context, id models.ID) (models.ID, error) {
	for range 8 {
		p, err := s.Persons.Person(ctx, id)
		if err != nil || p.MergedInto == "" {
			return id, err
		}
		next, err := s.Persons.PersonByRef(ctx, p.MergedInto)
		if errors.Is(err, models.ErrNotFound) {
			return id, nil // not here yet; its arrival moves the accounts on
		}
		if err != nil {
			return id, err
		}
		id = next.ID
	}
	return id, nil
}

// phoneFromRegistry lets the registry's new phone win over ours.
func (s *Service) phoneFromRegistry(ctx context.Context, person models.ID) error {
	now := s.Clock.Now()
	if err := s.Persons.SetContactPhone(ctx, person, models.Phone{}); err != nil {
		return err
	}
	open, err := s.PhoneChanges.OpenPhoneChange(ctx, person)
	if errors.Is(err, models.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.movePhoneChange(ctx, models.FromRegistry(), open, RegistryChanged, now)
}

func (s *Service) endAll(ctx context.Context, person models.ID, why EndReason) error {
	now := s.Clock.Now()
	ended, err := s.Sessions.EndSessions(ctx, SessionOwner{Person: person}, why, now)
	if err != nil || len(ended) == 0 {
		return err
	}
	s.Decisions.AfterCommit(ctx, func() { s.drop(context.WithoutCancel(ctx), ended...) })
	entry := audit.Of(models.FromRegistry(), now, "citizen.session.ended", "persons", string(person), string(why))
	return s.Decisions.RecordAudit(ctx, entry.About(person))
}
