package policy

import (
	"context"
	"time"
)

// ApplicationDaysKey is the setting that says how many working days are promised for a stage of an application or replacement.
func ApplicationDaysKey(stage string) string { return "application.workdays." + stage }

// Keys of applications.
const (
	ApplicationRemindFirst  = "application.collect_days_first"
	ApplicationRemindSecond = "application.collect_days_second"
	ApplicationRemindThird  = "application.collect_days_third"
	ApplicationCorrections  = "application.corrections_most"
)

var applicationStages = []struct{ stage, days string }{
	{"submitted", "1"}, {"accepted", "3"}, {"batched", "3"}, {"bank_opening", "5"}, {"producing", "10"}, {"production_failed", "10"}, {"withdrawing", "3"},
}

func applicationSettings() []Setting {
	var out []Setting
	for _, s := range applicationStages {
		out = append(out, Setting{
			Key: ApplicationDaysKey(s.stage), Type: Count, Default: s.days, Most: 365, Rule: "R27 R69",
			Doc: "working days promised for this stage, counted from the day after it began; later it reads as overdue. 0: no time is told",
		})
	}
	remind := func(key, days, which string) Setting {
		return Setting{Key: key, Type: Count, Default: days, Least: 1, Most: 365, Rule: "R25", Doc: "days after which a card that waits at its outlet is reminded of, for the " + which + " time"}
	}
	return append(out, remind(ApplicationRemindFirst, "7", "first"), remind(ApplicationRemindSecond, "30", "second"), remind(ApplicationRemindThird, "60", "third and last"),
		Setting{Key: ApplicationCorrections, Type: Count, Default: "5", Least: 1, Most: 50, Rule: "R69", Doc: "how often a returned application or replacement may be put right online; then a window looks at it"})
}

// ApplicationTerms is what counts for applications at one instant.
type ApplicationTerms struct {
	StageDays   map[string]int
	CollectDays []int // rising
	Corrections int
}

// ApplicationTermsAt reads the settings of applications.
func (s *Service) ApplicationTermsAt(ctx context.Context, at time.Time) (ApplicationTerms, error) {
	out := ApplicationTerms{StageDays: make(map[string]int, len(applicationStages))}
	for _, stage := range applicationStages {
		n, err := s.count(ctx, ApplicationDaysKey(stage.stage), Everywhere, at)
		if err != nil {
			return out, err
		}
		out.StageDays[stage.stage] = int(n)
	}
	last := int64(0)
	for _, key := range []string{ApplicationRemindFirst, ApplicationRemindSecond, ApplicationRemindThird} {
		n, err := s.count(ctx, key, Everywhere, at)
		if err != nil {
			return out, err
		}
		last = max(n, last+1) // whatever anybody sets, a later reminder is later
		out.CollectDays = append(out.CollectDays, int(last))
	}
	n, err := s.count(ctx, ApplicationCorrections, Everywhere, at)
	out.Corrections = int(n)
	return out, err
}
