package subsidy

import (
	"context"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// ApplyProgrammes takes catalogue editions. It joins the feed's transaction.
func (s *Service) ApplyProgrammes(ctx context.Context, list []Programme) error {
	return s.Store.SaveProgrammes(ctx, list)
}

// ApplyPayees takes what the payments source says of people; it returns those we do not know.
func (s *Service) ApplyPayees(ctx context.Context, list []Payee) ([]string, error) {
	return s.Store.SavePayees(ctx, list)
}

// ApplyBatches takes announced batches. A known batch that comes with another ledger month is returned, to be parked:
// a payment never moves (design 7).
func (s *Service) ApplyBatches(ctx context.Context, list []Batch) ([]string, error) {
	return s.Store.SaveBatches(ctx, list)
}

// ApplyLines takes payments, holds those that may not be shown as they are (R3, R4, R8, R14), and drafts one notice per
// credit, however often the event comes (R12). It returns the lines whose payee we do not know.
func (s *Service) ApplyLines(ctx context.Context, lines []Line) (orphans []string, err error) {
	refs := make([]models.PersonRef, 0, 2*len(lines))
	for _, l := range lines {
		refs = append(refs, l.PayeeRef, l.BeneficiaryRef)
	}
	people, err := s.Store.PayeesByRef(ctx, refs)
	if err != nil {
		return nil, err
	}
	programmes, err := s.editions(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]Payment, 0, len(lines))
	now := s.Clock.Now()
	for _, l := range lines {
		payee, ok := people[l.PayeeRef]
		if !ok {
			orphans = append(orphans, l.Key.BatchID+"/"+itoa(l.Key.Line))
			continue
		}
		p := l.Payment
		_, known := programmes.of(p)
		p.PersonID, p.BeneficiaryID, p.ReceivedAt = payee.ID, people[l.BeneficiaryRef].ID, now
		p.Hold = holdOf(l, known, payee.IsHead && (l.HouseholdRef == "" || l.HouseholdRef == payee.HouseholdRef))
		list = append(list, p)
	}
	before, err := s.Store.SavePayments(ctx, list)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		was, written := before[p.Key]
		if !written {
			continue
		}
		pr, _ := programmes.of(p)
		if err := s.tell(ctx, p, was, pr); err != nil {
			return nil, err
		}
		if p.Hold != HoldNone && p.Hold != was.Hold {
			if err := s.recordHold(ctx, p); err != nil {
				return nil, err
			}
		}
	}
	return orphans, nil
}

// tell drafts the notice that a change deserves. The name is the neutral one (R55).
func (s *Service) tell(ctx context.Context, p, was Payment, pr Programme) error {
	if p.Hold != HoldNone || p.OldChannel || p.ChangedAt.Before(s.HistoryFrom) {
		return nil
	}
	have := map[string]string{"programme": pr.NeutralName(), "amount": p.AmountFen.Yuan(), "tail": p.AccountTail}
	d := notice.Draft{PersonID: p.PersonID, Scope: p.PayingBank, Object: "payment", At: s.Clock.Now()}
	name := "credit:" + p.Key.BatchID + "/" + itoa(p.Key.Line) + ":"
	switch {
	case p.State == Credited:
		d.Kind, d.Cause = notice.Arrival, name+orDash(p.CreditNo)
		have["date"] = notice.Day(models.DateOf(p.CreditedAt))
	case p.State == Returned && was.State == Credited:
		d.Kind, d.Cause = notice.ArrivalReversed, name+"reversed:"+orDash(p.CreditNo)
		have["date"] = notice.Day(models.DateOf(was.CreditedAt))
		d.Replaces = []string{name + orDash(was.CreditNo)}
	case p.State == Returned:
		d.Kind, d.Cause = notice.ArrivalReturned, name+"returned:"+orDash(p.CreditNo)
		have["reason"] = returnReasons[p.ReturnReason].short
		if bank, err := s.Banks.BankName(ctx, p.AccountBank, p.ReturnedAt); err == nil {
			have["bank"] = bank
		}
	default:
		return nil
	}
	spec, _ := notice.SpecOf(d.Kind)
	d.Params = map[string]string{}
	for _, v := range spec.Params {
		if have[v.Name] != "" {
			d.Params[v.Name] = have[v.Name]
		}
	}
	return s.Store.AddNotice(ctx, d)
}

func (s *Service) recordHold(ctx context.Context, p Payment) error {
	s.Log.ErrorContext(ctx, "payment held", "code", string(p.Hold), "payment", p.Key.String())
	e := audit.Of(models.FromRegistry(), s.Clock.Now(), "subsidy.payment.held", "payments", p.Key.String(), "held")
	return s.Store.RecordAudit(ctx, e.About(p.PersonID).Noting("reason", string(p.Hold)))
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
