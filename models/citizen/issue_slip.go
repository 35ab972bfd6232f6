package citizen

import (
	"context"
	"errors"

	"onecard/models"
	"onecard/models/audit"
)

// IssueSlipInput names the person whose papers the window saw.
type IssueSlipInput struct {
	Name     string
	IDNumber string
	OutletID string
	Purpose  SlipPurpose // empty: to bind
}

// IssueSlip makes a one-time slip for someone standing at a window with her papers (R52) and answers the code to print.
// Only the command line and the console may: an agent on the telephone sees nobody's papers (models.ErrForbidden).
// ErrIdentityNotMatched where the registry knows no such person; ErrHolderTooYoung for a helper of who is not of age.
func (s *Service) IssueSlip(ctx context.Context, by models.Actor, in IssueSlipInput) (Slip, string, error) {
	if by.Kind != models.SystemActor && (by.Kind != models.AgentActor || by.Channel != models.Console) {
		return Slip{}, "", models.ErrForbidden
	}
	c, err := s.read(Claim{Name: in.Name, IDNumber: in.IDNumber}, false)
	if err != nil {
		return Slip{}, "", err
	}
	fact, err := s.Registry.MatchPerson(ctx, c.name, c.id)
	if errors.Is(err, ErrNoMatch) || err == nil && !(Person{PersonFact: fact}).MayActOnline() {
		return Slip{}, "", ErrIdentityNotMatched
	}
	if err != nil {
		return Slip{}, "", err
	}
	if in.Purpose == "" {
		in.Purpose = SlipToBind
	}
	if in.Purpose == SlipForHelper && youngerThan(AdultAge, birthOf(Person{PersonFact: fact}), s.Clock.Now()) {
		return Slip{}, "", ErrHolderTooYoung
	}
	now, code := s.Clock.Now(), newSlipCode()
	slip := Slip{
		ID: models.NewID(), Purpose: in.Purpose, CodeHash: hashSecret(normalSlip(code)), IssuedBy: by.ID, OutletID: in.OutletID,
		IssuedAt: now, ExpiresAt: now.Add(SlipLife),
	}
	err = s.Decisions.InTx(ctx, func(ctx context.Context) error {
		person, err := s.remember(ctx, fact)
		if err != nil {
			return err
		}
		slip.PersonID = person.ID
		if err := s.Slips.AddSlip(ctx, slip); err != nil {
			return err
		}
		entry := audit.Of(by, now, "citizen.slip.issued", "slips", string(slip.ID), "done").About(person.ID)
		return s.Decisions.RecordAudit(ctx, entry.Noting("purpose", string(slip.Purpose)))
	})
	return slip, code, err
}
