package citizen

import (
	"context"

	"onecard/models"
)

// ConsentState is a text in force and the consent that stands for it, if any.
type ConsentState struct {
	Document Document
	Given    Consent // zero ID: none
}

// ListConsents shows every text in force with what the actor's subject has agreed to.
func (s *Service) ListConsents(ctx context.Context, by models.Actor) ([]ConsentState, error) {
	if by.Kind != models.CitizenActor || by.SessionID == "" {
		return nil, ErrSessionInvalid
	}
	have, err := s.Consents.ConsentsOf(ctx, by.Subject, by.AccountID)
	if err != nil {
		return nil, err
	}
	states := make([]ConsentState, 0, len(Documents))
	for _, doc := range Documents {
		state := ConsentState{Document: doc}
		for _, c := range have {
			if c.Covers(doc) {
				state.Given = c
			}
		}
		states = append(states, state)
	}
	return states, nil
}
