package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"onecard/models"
	"onecard/models/hotline"
)

// registerAgentRefusals puts up the doors that never open: an act asked for by phone is refused with the sentence to
// say, and audited, whatever the body and whoever asks (R31, R36, R39).
func (s *server) registerAgentRefusals() {
	for _, f := range []struct {
		act         hotline.ForbiddenAct
		id, summary string
		asks        models.Act
		refusal     *models.Error
	}{
		{hotline.ForbidRelease, "releaseByPhone", "Always refused: release is never done by phone (R36)", models.ActRelease, hotline.ErrReleaseByPhone},
		{hotline.ForbidActivation, "activateByPhone", "Always refused: nothing is activated by phone (R31)", models.ActActivate, hotline.ErrActivationByPhone},
		{hotline.ForbidReplacement, "replaceByPhone", "Always refused: no replacement by phone (R44)", models.ActReplace, hotline.ErrReplaceByPhone},
		{hotline.ForbidFinancialLoss, "stopFinancialByPhone", "Always refused: the financial account is its bank's (R39)", "", hotline.ErrBankInPersonOnly},
	} {
		registerRaw(s, op{
			Method: http.MethodPost, Path: "/agent/v1/calls/{call_id}/" + string(f.act), ID: f.id, Summary: f.summary,
			Act: f.asks, Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, BodyLimit: defaultBodyLimit, Statuses: []int{http.StatusForbidden},
			Errs: []*models.Error{f.refusal},
		}, s.refuseByPhone(f.act))
	}
}

func (s *server) refuseByPhone(act hotline.ForbiddenAct) gin.HandlerFunc {
	return func(c *gin.Context) {
		ctx := c.Request.Context()
		s.refuse(c, s.Calls.Refuse(ctx, actorFrom(ctx), models.ID(c.Param("call_id")), act))
	}
}
