package policy

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"onecard/models"
	"onecard/models/audit"
)

// SetInput is one decision about one setting.
type SetInput struct {
	Key   string
	Value string
	Scope Scope     // empty: the whole city
	From  time.Time // zero: now
	Basis string    // the document or order behind it; must be named
	SetBy string    // who typed it
}

// maxBasis is the longest basis, in characters.
const maxBasis = 200

// Set writes one decision and its audit row in one commit; it counts from in.From on, everywhere within seconds. A
// date that has passed is refused: what held yesterday has already been acted on.
//
// Errors: ErrSettingUnknown; ErrSettingRefused with every field that is wrong.
func (s *Service) Set(ctx context.Context, by models.Actor, in SetInput) (Row, error) {
	r, declared, err := s.rowOf(in)
	if err != nil {
		return Row{}, err
	}
	if err := s.fits(ctx, declared, r); err != nil {
		return Row{}, err
	}
	err = s.store.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.HoldSettings(ctx); err != nil {
			return err
		}
		return s.write(ctx, by, declared, r)
	})
	s.forget()
	if err != nil {
		return Row{}, err
	}
	return r, nil
}

// rowOf is the decision that an input asks for.
func (s *Service) rowOf(in SetInput) (Row, Setting, error) {
	declared, ok := byKey[in.Key]
	if !ok {
		return Row{}, Setting{}, ErrSettingUnknown
	}
	now := s.clock.Now()
	r := Row{
		ID: models.NewID(), Key: in.Key, Scope: in.Scope, Value: strings.TrimSpace(in.Value), ValidFrom: models.Instant(in.From),
		Basis: strings.TrimSpace(in.Basis), SetBy: in.SetBy, SetAt: now,
	}
	if r.Scope == "" {
		r.Scope = Everywhere
	}
	if in.From.IsZero() {
		r.ValidFrom = now
	}
	return r, declared, nil
}

// fits refuses a decision with every field that is wrong.
func (s *Service) fits(ctx context.Context, declared Setting, r Row) error {
	wrong, err := s.wrong(ctx, declared, r)
	if err != nil || len(wrong) == 0 {
		return err
	}
	refused := *ErrSettingRefused
	refused.Fields = wrong
	return &refused
}

// write adds the decision and its audit row to the transaction of ctx.
func (s *Service) write(ctx context.Context, by models.Actor, declared Setting, r Row) error {
	if err := s.store.AddSetting(ctx, r); err != nil {
		return err
	}
	e := audit.Of(by, r.SetAt, "policy.set", "policy_settings", string(r.ID), "done").Noting("key", r.Key).Noting("scope", string(r.Scope))
	if declared.Type != Owner {
		e = e.Noting("value", r.Value)
	}
	return s.store.RecordAudit(ctx, e)
}

func (s *Service) wrong(ctx context.Context, declared Setting, r Row) ([]models.FieldError, error) {
	var out []models.FieldError
	add := func(field, message string) {
		out = append(out, models.FieldError{Field: field, Code: "INVALID", Message: message})
	}
	if why := declared.check(r.Value); why != "" {
		add("value", why)
	}
	if !declared.allows(r.Scope) {
		kinds := []string{"*"}
		for _, k := range declared.Scopes {
			kinds = append(kinds, string(k)+":<代码>")
		}
		add("scope", "适用范围只能是 "+strings.Join(kinds, "、"))
	}
	if r.ValidFrom.Before(r.SetAt) {
		add("from", "生效时间不能早于现在")
	}
	if n := utf8.RuneCountInString(r.Basis); n == 0 || n > maxBasis {
		add("basis", "必须写明依据(文件名称或文号),不超过200字")
	}
	if r.SetBy == "" {
		add("set_by", "必须写明由谁设置")
	}
	if r.Value == string(models.ModeHandOver) && strings.HasPrefix(r.Key, "act.") {
		act, _, _ := strings.Cut(strings.TrimPrefix(r.Key, "act."), ".")
		owner, err := s.At(ctx, HandOverKey(models.Act(act)), Everywhere, r.ValidFrom)
		if err != nil {
			return nil, err
		}
		if owner == "" {
			add("value", "请先设置 "+HandOverKey(models.Act(act))+",写明转到哪个渠道")
		}
	}
	return out, nil
}

// Current is one setting as it stands.
type Current struct {
	Setting
	Value string // for the whole city
	Rows  []Row  // every decision, the latest first
}

// List is every setting as it stands at t, with its history.
func (s *Service) List(ctx context.Context, t time.Time) ([]Current, error) {
	v, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Current, 0, len(settings))
	for _, declared := range settings {
		value, _, err := s.at(ctx, declared.Key, Everywhere, t)
		if err != nil {
			return nil, err
		}
		history := slices.Clone(v.rows[declared.Key])
		slices.SortFunc(history, func(a, b Row) int {
			if a.later(b) {
				return -1
			}
			return 1
		})
		out = append(out, Current{declared, value, history})
	}
	return out, nil
}

// ReadyForProduction refuses a start while something is not named that somebody must answer for: who sends arrival
// messages (for the whole city, or for every paying bank, R12), and by which route fees are taken.
func (s *Service) ReadyForProduction(ctx context.Context) error {
	now := s.clock.Now()
	var missing []models.FieldError
	for _, declared := range settings {
		if !declared.MustName {
			continue
		}
		_, decided, err := s.at(ctx, declared.Key, Everywhere, now)
		if err != nil {
			return err
		}
		if !decided && declared.Key == ArrivalSMSSender {
			if decided, err = s.everyPayingBankNamed(ctx, now); err != nil {
				return err
			}
		}
		if !decided {
			missing = append(missing, models.FieldError{
				Field: declared.Key, Code: "NOT_DECIDED",
				Message: "请指定 " + strings.Join(declared.OneOf, " 或 ") + ":onecard policy set " + declared.Key + " <值> --basis <依据>",
			})
		}
	}
	if len(missing) == 0 {
		return nil
	}
	refused := *ErrNotDecided
	refused.Fields = missing
	names := make([]string, len(missing))
	for i, m := range missing {
		names[i] = m.Field
	}
	return refused.Because(errors.New("policy does not name " + strings.Join(names, ", ")))
}

func (s *Service) everyPayingBankNamed(ctx context.Context, t time.Time) (bool, error) {
	v, err := s.look(ctx)
	if err != nil {
		return false, err
	}
	named := 0
	for _, code := range v.order {
		if !slices.ContainsFunc(v.banks[code].Services, func(b BankService) bool { return b.Kind == Paying && b.on(models.DateOf(t)) }) {
			continue
		}
		_, decided, err := s.at(ctx, ArrivalSMSSender, AtBank(code), t)
		if err != nil || !decided {
			return false, err
		}
		named++
	}
	return named > 0, nil
}
