package subsidy

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"time"

	"onecard/models"
)

// Households reads who lives together, as the registry's copy says it.
type Households interface {
	// Household is the person and everybody registered in the same household; only the person where none is registered.
	// Records merged into another are left out.
	Household(ctx context.Context, person models.ID) (Household, error)
	// HouseholdPayments lists one year's payments to that household, newest first, after the cursor.
	HouseholdPayments(ctx context.Context, q HouseholdQuery) ([]Payment, error)
}

// Household is people under one reference. Nothing in it is derived (R4): no household, no head and several heads are facts.
type Household struct {
	Ref      string
	District string // of the person who asks
	Members  []Member
}

// Member is one of its people.
type Member struct {
	ID     models.ID
	Name   models.Name // shows only its mask
	IsHead bool
}

// HouseholdQuery asks for one page.
type HouseholdQuery struct {
	Ref      string
	Payees   []models.ID
	Year     int
	Credited bool // only what has arrived
	After    Key
	Limit    int
}

// HouseholdPolicy says what members see of a payment to their head (household.members_see).
type HouseholdPolicy interface {
	MembersSee(ctx context.Context, district string, at time.Time) (string, error)
}

// The values of the policy.
const (
	MembersSeeNothing = "nothing"
	MembersSeeNotice  = "notice_only"
	MembersSeeAmounts = "amounts"
)

// Role says what the registry holds of the asking person in the household.
type Role string

// The roles. Where it is unclear, nobody sees what went to another.
const (
	RoleHead        Role = "head"
	RoleMember      Role = "member"
	RoleNoHousehold Role = "no_household" // no household is registered
	RoleUnclear     Role = "unclear"      // no head is registered, or more than one
)

// HouseholdAsk is what a person asks of the household view.
type HouseholdAsk struct {
	Year   int
	Member string // MemberView.ID, or empty
	After  Key
	Limit  int
}

// HouseholdView is what one person may see of the payments to the household.
type HouseholdView struct {
	Year    int
	Role    Role
	Note    string // what is not shown and why, in plain words
	Members []MemberView
	Items   []HouseholdItem
	More    bool
	AsOf    time.Time
}

// MemberView is a person of the household under an id that means something to the asking person alone.
type MemberView struct {
	ID     string
	Name   models.Name
	IsHead bool
	Self   bool
}

// HouseholdItem is one payment to the household: its amount and state for the one who may see them.
type HouseholdItem struct {
	Payment   Payment
	Name      string
	Label     string
	Payee     string // MemberView.ID
	Amount    bool   // the amount may be shown
	Openable  bool   // it is in the asking person's own list
	ToTheHead bool   // what a member is told: paid to the household head
}

// Citizen sentences of the household view.
const (
	noteHead        = "这里列出发给本户的补贴;发给个人的补贴请本人在“到账”中查看。"
	noteMember      = "这里列出已发给户主的家庭补贴,详细情况请向户主了解。"
	noteNotShown    = "按本地规定,发给户主的家庭补贴只对户主显示。请向户主了解,或拨打12333。"
	noteNoHousehold = "没有查到您的户籍家庭登记,无法显示家庭补贴。请到户籍地派出所核对户口登记,或拨打12333。"
	noteNoHead      = "您家的登记中没有户主,暂时无法显示家庭补贴。请到户籍地派出所核对户口登记,或拨打12333。"
	noteManyHeads   = "您家登记了不止一位户主,核对清楚前无法显示家庭补贴。请到户籍地派出所核对户口登记,或拨打12333。"
	labelToHead     = "已发给户主"
)

// MembersRead is what a member of a household reads about payments to its head under a value of the policy.
func MembersRead(see string) string {
	switch see {
	case MembersSeeNothing:
		return noteNotShown
	case MembersSeeAmounts:
		return noteMember + "每笔显示:" + labelToHead + "、日期和金额。"
	}
	return noteMember + "每笔显示:" + labelToHead + "和日期,不显示金额。"
}

// HouseholdArrivals lists a year's payments to the household (R4). The head sees them with amount and state; members see
// that the head was paid, and the amount where policy says so. A sensitive item is seen by the one it is for, unnamed (R55).
func (s *Service) HouseholdArrivals(ctx context.Context, by models.Actor, ask HouseholdAsk) (HouseholdView, error) {
	if err := s.Gate.Allow(ctx, by, models.ActArrivals); err != nil {
		return HouseholdView{}, err
	}
	if ask.Year == 0 {
		ask.Year = s.Clock.Now().In(models.Shanghai).Year()
	}
	if err := s.yearWithin(ask.Year); err != nil {
		return HouseholdView{}, err
	}
	known, err := s.look(ctx)
	if err != nil {
		return HouseholdView{}, err
	}
	home, err := s.Store.Household(ctx, by.Subject)
	if err != nil {
		return HouseholdView{}, err
	}
	see, err := s.HouseholdPolicy.MembersSee(ctx, home.District, s.Clock.Now())
	if err != nil {
		return HouseholdView{}, err
	}
	view := HouseholdView{Year: ask.Year, AsOf: known.asOf}
	view.Role, view.Note = home.roleOf(by.Subject)
	if view.Role == RoleMember && see == MembersSeeNothing {
		view.Note = noteNotShown
	}
	if view.Role == RoleNoHousehold || view.Role == RoleUnclear || view.Note == noteNotShown {
		return view, nil
	}
	view.Members = home.shownTo(by.Subject)
	payees, err := home.payees(by.Subject, ask.Member)
	if err != nil {
		return HouseholdView{}, err
	}
	return s.fill(ctx, view, known.editions, home, by.Subject, HouseholdQuery{
		Ref: home.Ref, Payees: payees, Year: ask.Year, Credited: view.Role == RoleMember, After: ask.After, Limit: ask.Limit,
	}, see)
}

// leastRead bounds the statements of a short page in a home with many payments that are passed over.
const leastRead = 100

// fill reads the page. A sensitive item for somebody else is passed over, and so is what went, by an exception, to
// another than the head: that is the matter of the two.
func (s *Service) fill(ctx context.Context, view HouseholdView, programmes editions, home Household, viewer models.ID, q HouseholdQuery, see string) (HouseholdView, error) {
	want := q.Limit
	for q.Limit = max(want+1, leastRead); ; {
		rows, err := s.Store.HouseholdPayments(ctx, q)
		if err != nil {
			return HouseholdView{}, err
		}
		for _, p := range rows {
			pr, _ := programmes.of(p)
			own := p.PersonID == viewer
			if pr.Class() != SensitivityNormal && !own && p.BeneficiaryID != viewer || view.Role == RoleMember && !own && !home.headed(p.PersonID) {
				continue
			}
			if view.More = len(view.Items) == want; view.More {
				return view, nil
			}
			it := HouseholdItem{Payment: p, Name: pr.NeutralName(), Label: label(p), Payee: memberID(viewer, p.PersonID), Amount: true, Openable: own}
			if view.Role == RoleMember && !own {
				it.Label, it.ToTheHead, it.Amount = labelToHead, true, see == MembersSeeAmounts
			}
			view.Items = append(view.Items, it)
		}
		if len(rows) < q.Limit {
			return view, nil
		}
		q.After = rows[len(rows)-1].Key
	}
}

// headed reports whether a person is registered as its head.
func (h Household) headed(person models.ID) bool {
	return slices.ContainsFunc(h.Members, func(m Member) bool { return m.IsHead && m.ID == person })
}

// roleOf reads the role, and never guesses one.
func (h Household) roleOf(person models.ID) (Role, string) {
	heads := 0
	var head models.ID
	for _, m := range h.Members {
		if m.IsHead {
			heads, head = heads+1, m.ID
		}
	}
	switch {
	case h.Ref == "":
		return RoleNoHousehold, noteNoHousehold
	case heads == 0:
		return RoleUnclear, noteNoHead
	case heads > 1:
		return RoleUnclear, noteManyHeads
	case head == person:
		return RoleHead, noteHead
	}
	return RoleMember, noteMember
}

// shownTo lists the members, head first, under ids for one person's eyes.
func (h Household) shownTo(viewer models.ID) []MemberView {
	out := make([]MemberView, 0, len(h.Members))
	for _, m := range h.Members {
		out = append(out, MemberView{memberID(viewer, m.ID), m.Name, m.IsHead, m.ID == viewer})
	}
	slices.SortStableFunc(out, func(a, b MemberView) int {
		switch {
		case a.IsHead == b.IsHead:
			return 0
		case a.IsHead:
			return -1
		}
		return 1
	})
	return out
}

// payees are the people whose household payments are asked for.
func (h Household) payees(viewer models.ID, member string) ([]models.ID, error) {
	var out []models.ID
	for _, m := range h.Members {
		if member == "" || member == memberID(viewer, m.ID) {
			out = append(out, m.ID)
		}
	}
	if len(out) == 0 {
		return nil, ErrMemberNotFound
	}
	return out, nil
}

// memberID names a person for one viewer: it tells nothing, leads nowhere else, and is the same tomorrow. What it hides
// is random (our ids are), so it cannot be tried out.
func memberID(viewer, person models.ID) string {
	sum := sha256.Sum256([]byte("household member\x00" + string(viewer) + "\x00" + string(person)))
	return base32.StdEncoding.EncodeToString(sum[:10])
}
