package registry

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// stages are the named stages of the contract, in order.
var stages = []string{"accepted", "batched", "bank_opening", "bank_opened", "producing", "produced", "at_outlet", "collected", "enabled"}

// stageOf names how far an application is, by which of its times are filled.
func stageOf(a *Application) string {
	z := a.AZ03
	switch {
	case z.ValidTag == "0" && a.Status == "01":
		return "withdrawn"
	case z.ValidTag == "0":
		return "rejected"
	case len(a.Defects) > 0:
		return "returned_for_fix"
	case z.GetTime != nil:
		return "collected"
	case z.CityTime != nil:
		return "at_outlet"
	case z.InsureFinishTime != nil:
		return "produced"
	case z.InsureTime != nil && a.Status == "04":
		return "production_failed"
	case z.InsureTime != nil:
		return "producing"
	case z.BankFinishTime0 != nil && a.AccountTail == "":
		return "bank_failed"
	case z.BankFinishTime0 != nil:
		return "bank_opened"
	case z.BankTime0 != nil:
		return "bank_opening"
	case z.BatchNo != "":
		return "batched"
	}
	return "accepted"
}

// openApplication is the citizen's application that is not finished.
func (r *Registry) openApplication(h Happening) (*Application, error) {
	p, err := r.who(h.Citizen)
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Backward(r.st.applications.order) {
		if a := r.st.applications.byID[id]; a.PersonRef == p.Ref && a.open() {
			return a, nil
		}
	}
	return nil, errNoApplication
}

// driveProduce advances an application to a stage, or by one, with an event for each step. bank_failed and
// production_failed may be named too.
func driveProduce(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	a, err := r.openApplication(h)
	if err != nil {
		return change{}, nil, err
	}
	have := slices.Index(stages, stageOf(a))
	switch stageOf(a) {
	case "bank_failed": // repaired: the step that failed is done again
		have = slices.Index(stages, "bank_opening")
	case "production_failed":
		have = slices.Index(stages, "bank_opened")
	case "returned_for_fix":
		have = slices.Index(stages, "accepted")
	}
	want := slices.Index(stages, h.Stage)
	switch {
	case h.Stage == "":
		want = have + 1
	case h.Stage == "bank_failed":
		return stopped(a, now, "bank_failed", "BANK_OPENING_FAILED", "银行开户失败")
	case h.Stage == "production_failed":
		return stopped(a, now, "production_failed", "PRODUCTION_FAILED", "制卡失败")
	case want <= have:
		return change{}, nil, errors.New("the application is already there or further, or the stage is unknown")
	}
	var c change
	card := r.st.cards.byID[a.CardRef]
	for ; have < want && have < len(stages)-1; have++ {
		stage := stages[have+1]
		next, changed := r.step(a, card, stage, now)
		a = next
		if a.Replaces != "" && stage == "collected" {
			c.Events = append(c.Events, r.handOver(a, now)...)
		}
		c.Events = append(c.Events, happened(a, "application."+stage))
		if changed != nil {
			card = changed
			c.Events = append(c.Events, happened(card, "card."+stage))
		}
	}
	return c, Outcome{"application": a.Ref, "stage": stageOf(a), "card_ref": a.CardRef, "person_ref": a.PersonRef}, nil
}

func driveDeliver(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	h.Stage = "at_outlet"
	return driveProduce(r, h, now)
}

func driveCollect(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	if _, err := r.openApplication(h); errors.Is(err, errNoApplication) {
		return r.bearer(h, now, func(c *Card) { c.PersonStatus, c.CollectedAt = "03", &now }, "card.collected")
	}
	h.Stage = "collected"
	return driveProduce(r, h, now)
}

// driveActivate is the holder changing the initial PIN and the bank opening the money account in person.
func driveActivate(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	return r.bearer(h, now, func(c *Card) {
		c.AAZ502, c.PersonStatus, c.FinancialState, c.ActivatedAt = "1", "04", "active", &now
	}, "card.activated")
}

func (r *Registry) bearer(h Happening, now time.Time, bend func(*Card), typ string) (change, Outcome, error) {
	card, err := r.present(h)
	if err != nil {
		return change{}, nil, err
	}
	return aboutCard(moved(card, now, bend), typ)
}

// driveSendBack returns an application with every defect named at once.
func driveSendBack(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	a, err := r.openApplication(h)
	if err != nil {
		return change{}, nil, err
	}
	if len(h.Defects) == 0 {
		return change{}, nil, errors.New("a return names its defects")
	}
	next := *a
	next.Status, next.Defects, next.Version, next.ChangedAt = "04", h.Defects, a.Version+1, now
	return change{Events: []event{happened(&next, "application.returned_for_fix")}}, Outcome{"application": a.Ref}, nil
}

func driveReject(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	a, err := r.openApplication(h)
	if err != nil {
		return change{}, nil, err
	}
	code := h.Reason
	if code == "" {
		code = "NOT_ENTITLED"
	}
	return stopped(a, now, "rejected", code, "不符合申领条件")
}

// stopped is an application that failed at the bank, in production, or for good.
func stopped(a *Application, now time.Time, stage, code, remark string) (change, Outcome, error) {
	next := *a
	next.ReasonCode, next.AZ03.Remarks, next.Version, next.ChangedAt = code, remark, a.Version+1, now
	switch stage {
	case "bank_failed":
		next.AZ03.BatchNo, next.AZ03.BankTime0, next.AZ03.BankFinishTime0, next.AccountTail = batchNo(a), orNow(a.AZ03.BankTime0, now), &now, ""
	case "production_failed":
		next.AZ03.InsureTime, next.Status = orNow(a.AZ03.InsureTime, now), "04"
	default:
		next.Status, next.AZ03.ValidTag = "03", "0"
	}
	return change{Events: []event{happened(&next, "application."+stage)}}, Outcome{"application": a.Ref, "stage": stage}, nil
}

func batchNo(a *Application) string {
	if a.AZ03.BatchNo != "" {
		return a.AZ03.BatchNo
	}
	return fmt.Sprintf("PC%s", a.Ref[max(0, len(a.Ref)-8):])
}

func orNow(t *time.Time, now time.Time) *time.Time {
	if t != nil {
		return t
	}
	return &now
}
