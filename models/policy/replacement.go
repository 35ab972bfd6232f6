package policy

import (
	"context"
	"strconv"
	"strings"
	"time"

	"onecard/models"
)

// Keys of replacements.
const (
	ReplacementUnpaidDays   = "replacement.unpaid_days"
	ReplacementRemindFirst  = "replacement.activate_days_first"
	ReplacementRemindSecond = "replacement.activate_days_second"
)

// replacementFeeBasis is the paper behind the default of fee.replacement_fen.
const replacementFeeBasis = "豫发改收费〔2019〕195号"

// ReplacementReasonKey is the setting that says whether a reason may be given online.
func ReplacementReasonKey(reason string) string { return "replacement.reason." + reason }

// replacementReasons are the reasons that an order may have.
var replacementReasons = []string{"lost", "damaged", "expired", "data_wrong"}

func replacementSettings() []Setting {
	var out []Setting
	for _, reason := range replacementReasons {
		out = append(out, Setting{
			Key: ReplacementReasonKey(reason), Type: Word, Default: string(models.ModeHere), Rule: "R44",
			OneOf: []string{string(models.ModeHere), string(models.ModeWindowOnly)}, Doc: "where a card is replaced for this reason",
		})
	}
	return append(out,
		Setting{Key: ReplacementUnpaidDays, Type: Count, Default: "7", Least: 1, Most: 60, Rule: "R21", Doc: "days after which a replacement whose fee nobody paid closes by itself"},
		Setting{Key: ReplacementRemindFirst, Type: Count, Default: "3", Least: 1, Most: 60, Rule: "R30", Doc: "days after a new card was handed over until its holder is first reminded to activate it"},
		Setting{Key: ReplacementRemindSecond, Type: Count, Default: "10", Least: 2, Most: 90, Rule: "R30", Doc: "the same, for the second and last time"},
	)
}

// Replacement is what counts for replacements at one instant.
type Replacement struct {
	Online       map[string]bool // reasons that may be given here
	UnpaidDays   int
	ActivateDays []int // rising
	Papers       string
	MinorPapers  string
}

// ReplacementAt reads the settings of replacements.
func (s *Service) ReplacementAt(ctx context.Context, at time.Time) (Replacement, error) {
	out := Replacement{Online: map[string]bool{}}
	for _, reason := range replacementReasons {
		mode, err := s.At(ctx, ReplacementReasonKey(reason), Everywhere, at)
		if err != nil {
			return out, err
		}
		out.Online[reason] = mode == string(models.ModeHere)
	}
	var days [3]int64
	for i, key := range []string{ReplacementUnpaidDays, ReplacementRemindFirst, ReplacementRemindSecond} {
		var err error
		if days[i], err = s.count(ctx, key, Everywhere, at); err != nil {
			return out, err
		}
	}
	out.UnpaidDays, out.ActivateDays = int(days[0]), []int{int(days[1]), int(max(days[2], days[1]+1))}
	var err error
	if out.Papers, err = s.papersToSay(ctx, WindowReplace, ByDelegate, HolderMainland, at); err != nil {
		return out, err
	}
	out.MinorPapers, err = s.papersToSay(ctx, WindowReplace, ByGuardian, HolderMinor, at)
	return out, err
}

// papersToSay is what the guide of an act lists for who comes, in one sentence.
func (s *Service) papersToSay(ctx context.Context, act WindowAct, comer Comer, holder HolderKind, at time.Time) (string, error) {
	value, err := s.At(ctx, PapersKey(act, comer), Everywhere, at)
	if err != nil {
		return "", err
	}
	papers := papersIn(value, comer, holder)
	if len(papers) == 0 {
		return "所需材料请拨打12333咨询", nil
	}
	labels := make([]string, len(papers))
	for i, p := range papers {
		labels[i] = p.Label
	}
	return strings.Join(labels, "、"), nil
}

// ReplacementFeeOn is the fee of a replacement in a district, with the paper it stands on: that of the decision in force,
// or the default's (R21).
func (s *Service) ReplacementFeeOn(ctx context.Context, district string, at time.Time) (models.Fen, string, error) {
	v, err := s.look(ctx)
	if err != nil {
		return 0, "", err
	}
	declared := byKey[ReplacementFee]
	value, basis := declared.Default, replacementFeeBasis
	for _, scope := range []Scope{Everywhere, InDistrict(district)} { // the narrower one counts
		if r, ok := inForce(v.rows[ReplacementFee], scope, at); ok && declared.check(r.Value) == "" {
			value, basis = r.Value, r.Basis
		}
	}
	n, err := strconv.ParseInt(value, 10, 64)
	return models.Fen(n), basis, err
}
