package policy

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"onecard/models"
)

// GuideInput is what somebody wants to have done, and who comes. It says nothing about who she is.
type GuideInput struct {
	Act      WindowAct
	By       Comer      // empty: the holder herself
	Holder   HolderKind // empty: mainland
	District string     // whose outlets; empty: of the whole city
	Bank     string     // the bank on the card's face
	Outlet   string     // the one to go to, where it is chosen already
	Channel  models.Channel
}

// Guide is everything about having one act done at a window, told at once (一次性告知): what to bring, where and when to go,
// what it costs, whom to ring.
type Guide struct {
	Act      WindowAct
	Title    string
	By       Comer
	Holder   HolderKind
	Possible Possible
	Sentence Sentence
	Papers   []Paper
	Place    string    // where, in words
	Bank     ShownBank // of acts that only the card-face bank does, where it is known
	OnlyBank bool
	Outlets  []FoundOutlet // the chosen one, or a few; none where the bank must be known first
	More     bool          // there are more: listOutlets with the same filter has them all
	Fee      models.Fen
	Note     string
	Online   PublicAct // empty act: not online, or no channel asked about
	Priority Priority
	Basis    Basis
	AsOf     time.Time
}

// Possible says whether who comes can have the act done.
type Possible string

// Whether it can be done.
const (
	PossibleYes Possible = "yes"
	PossibleNo  Possible = "no"
	PossibleAsk Possible = "ask" // the rules do not say: 12333 does
)

// Sentence is what is read by the citizen and said by the agent, word for word. The id names its words; a changed sentence
// has a new one.
type Sentence struct{ ID, Text string }

// Basis is the decision about the papers that counts now.
type Basis struct {
	Key       string
	Default   bool // nobody has decided: as shipped
	ValidFrom time.Time
	Document  string
}

// fewOutlets stand on a slip; the list has the rest.
const fewOutlets = 5

// Guide tells all about an act at once, to anybody and without a log-in (R18, R29, R30, R37, R39, R45). ErrGuideUnknown for
// an act of no window; ErrOutletUnknown; ErrOutletNotFor an outlet that does not do it.
func (s *Service) Guide(ctx context.Context, in GuideInput) (Guide, error) {
	words, ok := guideOf(in.Act)
	if !ok {
		return Guide{}, ErrGuideUnknown
	}
	now := s.clock.Now()
	g := Guide{Act: in.Act, Title: words.title, By: in.By, Holder: in.Holder, Place: words.place, OnlyBank: words.bank, Note: words.note}
	if g.By == "" {
		g.By = BySelf
	}
	if g.Holder == "" {
		g.Holder = HolderMainland
	}
	if err := s.guidePapers(ctx, &g, in, words, now); err != nil {
		return Guide{}, err
	}
	if err := s.guidePlaces(ctx, &g, in, words, now); err != nil {
		return Guide{}, err
	}
	var err error
	if in.Act == WindowReplace {
		if g.Fee, err = s.ReplacementFee(ctx, in.District, now); err != nil {
			return Guide{}, err
		}
	}
	online, err := s.guideOnline(ctx, &g, words, in.Channel, now)
	if err != nil {
		return Guide{}, err
	}
	if g.Priority, err = s.PriorityOf(ctx, in.District); err != nil {
		return Guide{}, err
	}
	g.Priority = g.Priority.about(online)
	g.Sentence = Sentence{ID: fmt.Sprintf("guide.%s.%s.%s.%d", g.Act, g.By, g.Possible, words.version), Text: g.text()}
	return g, nil
}

// guidePapers finds what to bring, and the decision behind it.
func (s *Service) guidePapers(ctx context.Context, g *Guide, in GuideInput, words actGuide, now time.Time) error {
	key, scope := PapersKey(in.Act, g.By), InDistrict(in.District)
	if words.bank {
		scope = AtBank(in.Bank)
	}
	value, row, err := s.decided(ctx, key, scope, now)
	if err != nil {
		return err
	}
	g.Basis = Basis{Key: key, Default: row.ID == "", ValidFrom: row.ValidFrom, Document: row.Basis}
	switch value {
	case papersNobody:
		g.Possible = PossibleNo
	case papersAsk:
		g.Possible = PossibleAsk
	default:
		g.Possible, g.Papers = PossibleYes, papersIn(value, g.By, g.Holder)
	}
	return nil
}

// guideOnline finds what the channel asked about does with the act, and whether any channel of citizens does it. What no
// operation of ours does yet is told of only where somebody else's does.
func (s *Service) guideOnline(ctx context.Context, g *Guide, words actGuide, channel models.Channel, now time.Time) (somewhere bool, err error) {
	if words.online == "" {
		return false, nil
	}
	for _, c := range models.CitizenChannels {
		one, err := s.publicAct(ctx, words.online, c, now)
		if err != nil {
			return false, err
		}
		if one.Mode == models.ModeHere && slices.Contains(NotBuilt, words.online) {
			continue
		}
		somewhere = somewhere || one.Mode != models.ModeWindowOnly
		if c == channel {
			g.Online = one
		}
	}
	return somewhere, nil
}

// guidePlaces finds where to go: the outlet chosen, or some of those that do it; for the acts of the bank on the card's
// face nowhere else, and nothing is listed before that bank is known (R30, R39).
func (s *Service) guidePlaces(ctx context.Context, g *Guide, in GuideInput, words actGuide, now time.Time) error {
	if in.Bank != "" {
		bank, err := s.BankOn(ctx, in.Bank, now)
		if err != nil {
			return err
		}
		g.Bank = bank
	}
	q := FindOutletsInput{District: in.District, Service: in.Act, Limit: fewOutlets}
	if words.bank {
		q.Kind, q.Bank = BankOutlet, in.Bank
		if g.Bank.Name != "" {
			g.Place = g.Bank.Name + "社保卡窗口"
		}
	}
	l, err := s.newLook(ctx, q)
	if err != nil {
		return err
	}
	g.AsOf = l.asOf
	switch {
	case in.Outlet != "":
		return s.guideOutlet(ctx, g, in.Outlet, l)
	case words.bank && in.Bank == "":
		return nil
	}
	found, err := s.FindOutlets(ctx, q)
	g.Outlets, g.More = found.Items, found.Next != ""
	return err
}

// guideOutlet takes the outlet that was chosen, or who took it over.
func (s *Service) guideOutlet(ctx context.Context, g *Guide, ref string, l look) error {
	o, err := s.OutletByRef(ctx, ref)
	if err == nil {
		o, err = s.heirOf(ctx, o)
	}
	switch {
	case err != nil:
		return err
	case !l.fits(o), l.in.Kind != "" && o.Kind != l.in.Kind, len(l.filter.Banks) > 0 && !slices.Contains(l.filter.Banks, o.BankCode):
		return ErrOutletNotFor
	}
	g.Outlets, g.Place = []FoundOutlet{l.shown(o)}, o.Name
	return nil
}

var comerWords = map[Comer]string{BySelf: "请本人带", ByDelegate: "请代办人带", ByGuardian: "请监护人带"}

// text is the sentence: who brings what where, what it costs, what else must be known, whom to ring (R48).
func (g Guide) text() string {
	switch g.Possible {
	case PossibleNo:
		return g.Title + "只能由本人到" + g.Place + "办理,不能代办。" + g.Note + "如有疑问请拨打12333。"
	case PossibleAsk:
		who := map[Comer]string{BySelf: "", ByDelegate: "由他人代办", ByGuardian: "由监护人办理"}[g.By]
		return g.Title + who + "所需的材料,请先拨打12333问清再前往" + g.Place + "。" + g.Note
	case PossibleYes:
	}
	fee := "不收费。"
	if g.Fee > 0 {
		fee = "工本费每张" + g.Fee.Yuan() + "元。"
	}
	return g.Title + ":" + comerWords[g.By] + g.PaperList() + ",到" + g.Place + "办理," + fee + g.Note + "如有疑问请拨打12333。"
}

// PaperList is the papers in one breath.
func (g Guide) PaperList() string {
	labels := make([]string, len(g.Papers))
	for i, p := range g.Papers {
		labels[i] = p.Label
	}
	return strings.Join(labels, "、")
}

// FeeWords is the fee for people.
func (g Guide) FeeWords() string {
	if g.Fee == 0 {
		return "不收费"
	}
	return "每张" + g.Fee.Yuan() + "元"
}

// Short names the act in a text message.
func (g Guide) Short() string {
	words, _ := guideOf(g.Act)
	return words.short
}

// decided is the value of a setting with the row behind it; an empty row where it is the default.
func (s *Service) decided(ctx context.Context, key string, scope Scope, t time.Time) (string, Row, error) {
	value, yes, err := s.at(ctx, key, scope, t)
	if err != nil || !yes {
		return value, Row{}, err
	}
	v, err := s.look(ctx)
	if err != nil {
		return "", Row{}, err
	}
	for _, wanted := range []Scope{scope, Everywhere} {
		if r, ok := inForce(v.rows[key], wanted, t); ok && r.Value == value {
			return value, r, nil
		}
	}
	return value, Row{}, nil
}

// PriorityOf tells of the order of windows during epidemic control; off, it is empty (R22).
func (s *Service) PriorityOf(ctx context.Context, district string) (Priority, error) {
	flag, err := s.At(ctx, PriorityGroups, InDistrict(district), s.clock.Now())
	if err != nil {
		return Priority{}, err
	}
	if on, err := strconv.ParseBool(flag); err != nil || !on {
		return Priority{}, err
	}
	return priorityNow, nil
}
