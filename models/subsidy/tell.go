package subsidy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"regexp"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// teller drafts the notices of one page of changes.
type teller struct {
	service *Service
	names   map[string]string // bank code → its name, asked once a page
	drafts  []notice.Draft
}

// hear drafts the notice that a change deserves, if any. History, held lines and what went by an old channel tell
// nobody; the name of the programme is the neutral one (R55).
func (t *teller) hear(ctx context.Context, c change, pr Programme) error {
	c.was = c.heard()
	p, s := c.is, t.service
	kind := deserves(c)
	if kind == "" || p.Hold != HoldNone || p.OldChannel || p.ChangedAt.Before(s.HistoryFrom) {
		return nil
	}
	credit := creditOf(p)
	d := notice.Draft{Kind: kind, PersonID: p.PersonID, Scope: p.PayingBank, Object: "payment", At: s.Clock.Now(), FactAt: p.ChangedAt}
	have := map[string]string{"programme": pr.NeutralName(), "amount": p.AmountFen.Yuan(), "tail": p.AccountTail}
	switch kind {
	case notice.Arrival:
		d.Cause, have["date"] = credit+mark(p.CreditNo), notice.Day(models.DateOf(p.CreditedAt))
		d.FactAt = toldSince(p.CreditedAt, p.ChangedAt)
	case notice.ArrivalReversed:
		told := credit + mark(c.was.CreditNo)
		d.FactAt = toldSince(p.ReturnedAt, p.ChangedAt)
		d.Cause, d.Replaces = told+":reversed", []string{told}
		have["date"] = notice.Day(models.DateOf(c.was.CreditedAt))
	case notice.ArrivalReturned:
		d.Cause, d.FactAt = credit+returnedAt(p), toldSince(p.ReturnedAt, p.ChangedAt)
		have["reason"] = returnReasons[p.ReturnReason].short
		var err error
		if have["bank"], err = t.bank(ctx, p.AccountBank); err != nil {
			return err
		}
	}
	spec, _ := notice.SpecOf(kind)
	d.Params = map[string]string{}
	for _, v := range spec.Params {
		d.Params[v.Name] = have[v.Name]
	}
	t.drafts = append(t.drafts, d)
	return nil
}

// toldSince is since when a line may have been told: a later version of it says again what the first one said.
func toldSince(happened, changed time.Time) time.Time {
	if happened.IsZero() || happened.After(changed) {
		return changed
	}
	return happened
}

// creditOf begins the cause of every notice about a payment.
func creditOf(p Payment) string { return "credit:" + p.Key.id() + ":" }

func returnedAt(p Payment) string { return "returned:" + strconv.FormatInt(p.ReturnedAt.Unix(), 10) }

// toldAs lists the causes under which a payment as it stands may have been told.
func toldAs(p Payment) []string {
	var out []string
	if !p.CreditedAt.IsZero() {
		out = append(out, creditOf(p)+mark(p.CreditNo))
	}
	if !p.ReturnedAt.IsZero() {
		out = append(out, creditOf(p)+returnedAt(p))
	}
	return out
}

// deserves says which notice a change calls for. A credit counts once per credit number: a later version of a line
// that already stood as credited, and could be seen, is no new credit.
func deserves(c change) notice.Kind {
	seen := c.was.State == Credited && c.was.Hold == HoldNone
	switch c.is.State {
	case Credited:
		if !seen || c.was.CreditNo != c.is.CreditNo {
			return notice.Arrival
		}
	case Returned, Reissued:
		if seen {
			return notice.ArrivalReversed
		}
		if c.is.State == Returned && (c.was.State != Returned || c.was.Hold != HoldNone) {
			return notice.ArrivalReturned
		}
	}
	return ""
}

// bank is the name of a bank as people must look for it today; empty for one we do not know.
func (t *teller) bank(ctx context.Context, code string) (string, error) {
	name, asked := t.names[code]
	if asked {
		return name, nil
	}
	name, err := t.service.bankName(ctx, code)
	t.names[code] = name
	return name, err
}

func (s *Service) bankName(ctx context.Context, code string) (string, error) {
	if code == "" {
		return "", nil
	}
	name, err := s.Banks.BankName(ctx, code, s.Clock.Now())
	if errors.Is(err, models.ErrNotFound) {
		return "", nil
	}
	return name, err
}

var plainMark = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// mark is a bank's credit number in a form that may stand in a cause; an odd one never keeps a credit from being told.
func mark(no string) string {
	switch {
	case no == "":
		return "-"
	case plainMark.MatchString(no):
		return no
	}
	sum := sha256.Sum256([]byte(no))
	return hex.EncodeToString(sum[:16])
}
