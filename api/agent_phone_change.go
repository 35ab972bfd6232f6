package api

import (
	"context"
	"net/http"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/hotline"
)

func (s *server) registerAgentPhoneChange() {
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/calls/{call_id}/phone-change/cancel", ID: "cancelPhoneChangeByPhone",
		Summary:  "Cancel the caller's pending change of phone, asked for by the holder of the old one; she is told (R61)",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, Statuses: []int{http.StatusNoContent},
		Errs: append([]*models.Error{hotline.ErrVerificationRequired, citizen.ErrNoPhoneChange}, inCall...),
	}, s.cancelPhoneChangeByPhone)
}

// cancelPhoneChangeByPhone is the citizen's use case with the agent as actor.
func (s *server) cancelPhoneChangeByPhone(ctx context.Context, in *CallPath) (*struct{}, error) {
	by, err := s.Calls.ProtectingActorIn(ctx, actorFrom(ctx), in.id())
	if err != nil {
		return nil, err
	}
	return nil, s.Citizens.CancelPhoneChange(ctx, by)
}
