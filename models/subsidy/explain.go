package subsidy

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// Check is one question of an explanation, with its date.
type Check struct {
	Check, Name, State string
	Source             string
	Since              time.Time // when the fact it looked at came about
	AsOf               time.Time // how fresh our copy of it is
}

// Explanation is one answer: the first cause found, one sentence made once for citizen and agent, what to do, and
// whom to ask.
type Explanation struct {
	Cause      Cause
	SentenceID string // code and version; the same id is the same sentence for ever
	Sentence   string
	Next       Step
	AskAt      string // office | bank | outlet
	Office     Office
	Bank       Bank
	Code       string // of the programme; empty where the code alone would name it
	Name       string // neutral where the programme is sensitive
	Period     string
	Payment    Key      // the payment it is about, where there is one
	Checks     []Check  // in order, up to the one that gave the answer
	Stale      []string // sources whose copy is older than promised
	AsOf       time.Time
	Enquiry    bool // nobody can tell: an enquiry may be opened
}

// Explain says why a subsidy has not come, or that it has: the first check that fails. It is a function of the facts
// alone, has an answer for any of them, names no sensitive programme (R55), and never guesses.
func Explain(f Facts) Explanation {
	e := Explanation{Cause: CauseCannotTell, Period: f.Period, Office: f.officeToName()}
	if f.Line.Known {
		e.Payment = f.Line.Value.Key
	}
	for _, c := range explainChecks {
		a := c.ask(f)
		if a.state == CheckSkipped {
			continue
		}
		e.Checks = append(e.Checks, Check{c.check, c.name, a.state, a.source, a.since, a.asOf})
		e.AsOf = earlier(e.AsOf, a.asOf)
		e.note(f, a)
		if a.state == CheckFailed {
			e.Cause = a.cause
			break
		}
	}
	spec := specOf(e.Cause)
	e.Bank = f.bankFor(e.Cause)
	words := f.words(e.Bank)
	e.SentenceID = string(spec.Cause) + "." + strconv.Itoa(spec.Version)
	e.Sentence = words.Replace(spec.Sentence) + e.staleWords()
	e.Next = Step{spec.Next.Code, words.Replace(words.Replace(spec.Next.Text)) + "咨询请拨打12333。"}
	e.AskAt, e.Enquiry = spec.AskAt, e.Cause == CauseCannotTell
	return e
}

// note remembers a source whose copy is older than promised.
func (e *Explanation) note(f Facts, a asked) {
	if f.StaleAfter <= 0 || a.source == "" || f.Now.Sub(a.asOf) <= f.StaleAfter {
		return
	}
	for _, s := range e.Stale {
		if s == a.source {
			return
		}
	}
	e.Stale = append(e.Stale, a.source)
}

// staleWords says how old the facts are, where they are older than promised.
func (e *Explanation) staleWords() string {
	switch {
	case len(e.Stale) == 0:
		return ""
	case e.AsOf.IsZero():
		return "(还没有收到过最新信息,可能不准)"
	}
	return "(信息截至" + notice.Moment(e.AsOf) + ",可能不是最新)"
}

// bankFor is the bank that a cause sends people to: that of the account where the payment went or should have gone, for
// what became of it there, else that of the card's face. Of money on an earlier card the present card's bank knows nothing.
func (f Facts) bankFor(c Cause) Bank {
	switch {
	case c == CauseEarlierCard,
		f.PaidAt.Name != "" && (c == CauseReturned || c == CauseAccountDormant || c == CauseBankMerged || c == CauseArrived),
		f.PaidAt.Name != "" && c == CauseAccountClosed && f.settled():
		return f.PaidAt
	}
	return f.Bank
}

// officeToName is the office, unless its very name would tell a sensitive programme.
func (f Facts) officeToName() Office {
	o := f.Office
	if o.Ref == "" || f.givesAway(o.Name) || f.Programme.Class() == SensitivityHigh && o.Kind() == OfficeDepartment {
		return Hotline
	}
	return o
}

// givesAway reports whether a text of the source names a sensitive programme.
func (f Facts) givesAway(text string) bool {
	p := f.Programme
	return p.Class() != SensitivityNormal && (tells(text, p.Name) || tells(text, p.ShortName))
}

// words are what stands for the variables of the sentences.
func (f Facts) words(at Bank) *strings.Replacer {
	or := func(s, neutral string) string {
		if s == "" {
			return neutral
		}
		return s
	}
	l := f.Line.Value
	bank := or(at.Name, "卡面银行")
	when := l.At
	if !f.Line.Known && f.Head.Value.Paid {
		when = f.Head.Since
	}
	day, tail := "", ""
	if !when.IsZero() {
		day = "于" + notice.Day(models.DateOf(when))
	}
	if l.AccountTail != "" {
		tail = "(尾号" + l.AccountTail + ")"
	}
	p := Payment{State: Returned, ReturnReason: l.ReturnReason}
	return strings.NewReplacer(
		"{name}", f.Programme.NeutralName(), "{bank}", bank, "{place}", or(f.WaitsAt.Name, "领卡网点"),
		"{reason}", or(reason(p), "银行没有说明"), "{advice}", strings.TrimSuffix(advice(p, bank), "如有疑问请拨打12333。"),
		"{date}", day, "{tail}", tail, "{amount}", l.AmountFen.Yuan(),
		"{posting}", f.posting(),
	)
}

// posting says where and until when a list is posted, where the source says so.
func (f Facts) posting() string {
	d := f.Declared.Value
	if !f.Declared.Known || d.Place == "" || d.To == "" || f.givesAway(d.Place) || f.Programme.Class() == SensitivityHigh {
		return ""
	}
	return "(" + d.Place + ",到" + notice.Day(d.To) + ")"
}

var (
	periodMonth = regexp.MustCompile(`^([0-9]{4})(?:年(0?[1-9]|1[0-2])月|-(0[1-9]|1[0-2]))$`)
	periodYear  = regexp.MustCompile(`^([0-9]{4})年([^0-9]|[0-9]{1,2}([^0-9]|$))*$`) // one year and no other
	goesOn      = regexp.MustCompile(`学年|秋|次年`)
)

// periodEnds reads the last day of a period as departments write them: 2021年11月, 2021-11, or at worst that of its
// year; false where it may go on into another.
func periodEnds(period string) (models.Date, bool) {
	if m := periodMonth.FindStringSubmatch(period); m != nil {
		year, _ := strconv.Atoi(m[1])
		month, _ := strconv.Atoi(m[2] + m[3])
		return models.Date(time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)), true
	}
	if m := periodYear.FindStringSubmatch(period); m != nil && !goesOn.MatchString(period) {
		return models.Date(m[1] + "-12-31"), true
	}
	return "", false
}
