package subsidy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"onecard/models"
	"onecard/models/audit"
)

// Refusals of the explanation.
var (
	ErrExplainWhat = models.NewError(models.Invalid, "EXPLAIN_WHAT", "请选择要查询的补贴项目或一笔发放记录;如有疑问请拨打12333。")
	ErrExplained   = models.NewError(models.Conflict, "ALREADY_EXPLAINED", "这笔补贴的情况已经可以说明,不需要登记查询;如有疑问请拨打12333。")
)

// Explanation answers why a subsidy of the actor's subject has not come. The programme stands under its neutral name;
// to ask for a High one by its code needs a fresh check, and is never done by phone (R55). What an agent is told is
// written down by the id of its sentence, so that it can be read again.
func (e *Explainer) Explanation(ctx context.Context, by models.Actor, q ExplainQuery) (Explanation, error) {
	if err := e.Gate.Allow(ctx, by, models.ActArrivals); err != nil {
		return Explanation{}, err
	}
	if q.Programme == "" && q.Arrival == "" || len([]rune(q.Period)) > 40 {
		return Explanation{}, ErrExplainWhat
	}
	g, err := e.gather(ctx, by, q)
	if err != nil {
		return Explanation{}, err
	}
	if helped(by) && g.Programme.Class() != SensitivityNormal {
		return Explanation{}, ErrArrivalNotFound // by the id of a payment: it is as if there were none
	}
	out := Explain(g.Facts)
	out.Code, out.Name = g.Programme.Code, g.Programme.NeutralName()
	if g.Programme.namedOnlyInDetail() || by.Kind == models.AgentActor && g.Programme.Class() != SensitivityNormal {
		out.Code = "" // the catalogue is public: a code is a name there, and a code left out for a few names those few
	}
	if by.Kind != models.AgentActor {
		return out, nil
	}
	entry := audit.Of(by, e.Clock.Now(), "subsidy.explanation.given", "calls", string(by.CallID), "told")
	return out, e.Told.RecordAudit(ctx, entry.Noting("sentence", out.SentenceID).Noting("as_of", out.AsOf.UTC().Format("2006-01-02T15:04:05Z")))
}

// Enquire opens an enquiry where nobody can tell why a subsidy has not come; once a month for each programme or payment,
// however often and with whatever period it is asked. Where the cause is known by now, it is ErrExplained.
func (e *Explainer) Enquire(ctx context.Context, by models.Actor, q ExplainQuery) (number string, err error) {
	x, err := e.Explanation(ctx, by, q)
	if err != nil {
		return "", err
	}
	if !x.Enquiry {
		return "", ErrExplained
	}
	// The cause names nobody and nothing: it stands in the open.
	month := string(models.DateOf(e.Clock.Now()))[:7]
	sum := sha256.Sum256([]byte(strings.Join([]string{string(by.Subject), q.Programme, q.Arrival, month}, "|")))
	return e.Cases.OpenEnquiry(ctx, "explanation:"+hex.EncodeToString(sum[:16]), "subsidy_missing", by.Subject, "programmes", x.Code)
}
