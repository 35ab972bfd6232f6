package api

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"onecard/models"
	"onecard/models/citizen"
)

// headerActingFor names the dependant or the helped person a request is about: the id of the relation, which means
// something to its actor alone, never an id of the person.
const headerActingFor = "Onecard-For"

// Who may do an operation for another. An operation that names nobody is done by the person herself only.
var (
	byFamily    = []models.Capacity{models.AsGuardian, models.AsHelper}
	byGuardians = []models.Capacity{models.AsGuardian}
)

// forOthers are the refusals of a request that names a relation: any of a citizen's operations may be asked so.
var forOthers = []*models.Error{
	citizen.ErrNotBound, citizen.ErrRelationUnknown, citizen.ErrRelationWaits, citizen.ErrRelationOver, citizen.ErrDependantOfAge,
	models.ErrHelperMayNot, models.ErrGuardianMayNot,
}

// actFor makes the caller one who acts for the subject of her relation, where the request names one. The relation is
// looked at with every request; a look is written down before it is answered.
func (s *server) actFor(c *gin.Context) {
	r := requestFrom(c.Request.Context())
	names := c.Request.Header.Values(headerActingFor)
	if len(names) == 0 || r.op == nil || r.op.Audience != Citizen {
		c.Next()
		return
	}
	act := r.op.Act
	if r.op.TakesBack || r.op.EitherAct {
		act = ""
	}
	acting, err := s.Citizens.ActFor(c.Request.Context(), r.actor, citizen.ActingFor{
		Relation: models.ID(strings.Join(names, ",")), Act: act, May: r.op.For, Look: c.Request.Method == http.MethodGet,
	})
	if err != nil {
		s.refuse(c, err)
		return
	}
	r.actor = acting
	c.Next()
}
