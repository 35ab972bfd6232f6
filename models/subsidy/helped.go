package subsidy

import (
	"context"
	"slices"

	"onecard/models"
)

// noteHelped stands over every list that a family helper reads, whether anything was left out or not: that something is
// missing would tell more than its name.
const noteHelped = "亲属协助人只能看到一般补贴项目的发放记录,完整记录请本人登录查看,或本人拨打12333查询。"

// helped reports whether a family helper asks: what is sensitive does not exist for her (R55).
func helped(by models.Actor) bool { return by.As == models.AsHelper }

// open lists the codes whose every edition may be named to anybody.
func (e editions) open() []string {
	var out []string
	for code := range e {
		if e.class(code) == SensitivityNormal {
			out = append(out, code)
		}
	}
	slices.Sort(out)
	return out
}

// showsTo reports whether a payment may be shown to the actor at all.
func (e editions) showsTo(by models.Actor, p Payment) bool {
	if !helped(by) {
		return true
	}
	pr, known := e.of(p)
	return known && pr.Class() == SensitivityNormal && e.class(p.Programme) == SensitivityNormal
}

// openTotals leaves out of totals what a helper may not see.
func (e editions) openTotals(by models.Actor, totals []Total) []Total {
	if !helped(by) {
		return totals
	}
	return slices.DeleteFunc(totals, func(t Total) bool { return e.class(t.Programme) != SensitivityNormal || e[t.Programme] == nil })
}

// mayBeNamedBy refuses a helper who asks for a sensitive item by its code: the list of items is public, so the refusal
// tells nothing of the person.
func (e editions) mayBeNamedBy(by models.Actor, code string) error {
	if helped(by) && code != "" && e.class(code) != SensitivityNormal {
		return models.ErrHelperMayNot
	}
	return nil
}

// minorItems are the items of the list that are paid to minors (domain 1.4; R23's clash).
var minorItems = []int{4, 6, 7, 8, 9, 10, 11, 20, 21, 22, 23, 24, 25}

// PaidForMinors reports whether any payment to the person is, or was announced, under an item for minors.
func (s *Service) PaidForMinors(ctx context.Context, person models.ID) (bool, error) {
	known, err := s.look(ctx)
	if err != nil {
		return false, err
	}
	totals, err := s.Store.TotalsOf(ctx, person, SummaryQuery{})
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(totals, func(t Total) bool {
		pr, ok := known.editions[t.Programme][t.Edition]
		return ok && slices.Contains(minorItems, pr.Number)
	}), nil
}
