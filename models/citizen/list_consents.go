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

// ListConsents shows every text in force with the consent on which the actor's next act stands: what a guardian agreed to
// before the 14th birthday is not shown to the person herself as given, for she is asked now.
func (s *Service) ListConsents(ctx context.Context, by models.Actor) ([]ConsentState, error) {
	if by.Kind != models.CitizenActor || by.SessionID == "" {
		return nil, ErrSessionInvalid
	}
	have, birth, err := s.consentsOf(ctx, by)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	states := make([]ConsentState, 0, len(Documents))
	for _, doc := range Documents {
		state := ConsentState{Document: doc}
		for _, c := range have {
			if c.standsFor(by, doc, birth, now) {
				state.Given = c
			}
		}
		states = append(states, state)
	}
	return states, nil
}
