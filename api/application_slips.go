package api

import (
	"context"
	"fmt"
	"net/http"

	"onecard/models"
	"onecard/models/card"
)

func (s *server) registerSlips() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/applications/{application_id}/receipt", ID: "printApplicationReceipt",
		Summary: "The receipt of an application as PDF: number, how far it is, what comes next",
		Act:     models.ActProgressRead, For: byGuardians, Audience: Citizen, Limit: LimitWrite, Produces: "application/pdf",
		Errs: []*models.Error{card.ErrApplicationNotFound, card.ErrSlipNotPrintable},
	}, s.printSlip)
}

func (s *server) printSlip(ctx context.Context, in *applicationPath) (*printStatementOutput, error) {
	a, out, err := s.Applications.PrintSlip(ctx, actorFrom(ctx), models.ID(in.ApplicationID))
	if err != nil {
		return nil, err
	}
	return &printStatementOutput{
		ETag: s.etagOf(out), Type: "application/pdf", Body: out, Disposition: fmt.Sprintf(`attachment; filename="receipt-%s.pdf"`, a.Receipt),
	}, nil
}
