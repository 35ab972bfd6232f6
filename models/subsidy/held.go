package subsidy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/flow"
)

// HeldState is where a held line or batch stands in the one list of what is held.
type HeldState string

// HeldEvent moves an entry of the list.
type HeldEvent string

// The states and events of an entry.
const (
	HeldOpen     HeldState = "held"     // waits for somebody to act, or for the registry to correct it
	HeldProposed HeldState = "proposed" // one reviewer has proposed a decision, a second one has not yet spoken
	HeldReleased HeldState = "released" // shown as it is, or for a batch: read again
	HeldRejected HeldState = "rejected" // never shown, kept and recorded
	HeldEnded    HeldState = "ended"    // the registry corrected it: nobody had to decide

	HeldPropose HeldEvent = "propose"
	HeldBack    HeldEvent = "withdraw"
	HeldRelease HeldEvent = "release"
	HeldReject  HeldEvent = "reject"
	HeldEnd     HeldEvent = "end"
	HeldAgain   HeldEvent = "hold"
)

// HeldFlow is the life of an entry. A line is one entry for ever: one that is held again stands in the list again.
var HeldFlow = flow.New("held item", HeldOpen,
	flow.Edge[HeldState, HeldEvent]{From: HeldOpen, On: HeldPropose, To: HeldProposed},
	flow.Edge[HeldState, HeldEvent]{From: HeldProposed, On: HeldBack, To: HeldOpen},
	flow.Edge[HeldState, HeldEvent]{From: HeldProposed, On: HeldRelease, To: HeldReleased},
	flow.Edge[HeldState, HeldEvent]{From: HeldProposed, On: HeldReject, To: HeldRejected},
	flow.Edge[HeldState, HeldEvent]{From: HeldOpen, On: HeldEnd, To: HeldEnded},
	flow.Edge[HeldState, HeldEvent]{From: HeldProposed, On: HeldEnd, To: HeldEnded},
	flow.Edge[HeldState, HeldEvent]{From: HeldRejected, On: HeldEnd, To: HeldEnded},
	flow.Edge[HeldState, HeldEvent]{From: HeldReleased, On: HeldAgain, To: HeldOpen},
	flow.Edge[HeldState, HeldEvent]{From: HeldRejected, On: HeldAgain, To: HeldOpen},
	flow.Edge[HeldState, HeldEvent]{From: HeldEnded, On: HeldAgain, To: HeldOpen},
	flow.Edge[HeldState, HeldEvent]{From: HeldProposed, On: HeldAgain, To: HeldOpen}, // now for another reason
)

// Owner is whose task an entry is.
type Owner string

// The owners.
const (
	OwnerDepartment Owner = "department" // the department that pays the programme
	OwnerFinance    Owner = "finance"    // who keeps the one-card platform and its list of programmes
	OwnerOperations Owner = "operations" // we ourselves
)

// Owners lists them.
var Owners = []Owner{OwnerDepartment, OwnerFinance, OwnerOperations}

// HeldItem is one held line or batch: no person stands in it.
type HeldItem struct {
	Key        Key // a batch has line 0
	Reason     Hold
	State      HeldState
	Owner      Owner
	AssignedTo models.ID // the member of staff who looks after it; empty: nobody yet
	Programme  string
	Edition    int
	District   string
	Department string
	AmountFen  models.Fen
	LineState  State  // of the payment; empty for a batch
	Facts      string // what was last proposed or decided about
	Version    int64  // of the line or batch, as the registry counts
	HeldAt     time.Time
	DueAt      time.Time
	AlarmedOn  models.Date
	Changes    int // guards every change of the row
}

// HeldID names an entry outside: a line by its payment's name, a batch as 2021-11~B00017.
func HeldID(k Key) string {
	if k.Line == 0 {
		return k.LedgerMonth + "~" + k.BatchID
	}
	return k.String()
}

// ParseHeldID reads HeldID's form.
func ParseHeldID(s string) (Key, bool) {
	if k, ok := ParseKey(s); ok {
		return k, true
	}
	k, ok := ParseKey(s + "~1")
	k.Line = 0
	return k, ok && strings.Count(s, "~") == 1
}

// IsBatch reports whether a whole batch is held.
func (h HeldItem) IsBatch() bool { return h.Key.Line == 0 }

// Waits reports whether somebody still has to act.
func (h HeldItem) Waits() bool { return h.State == HeldOpen || h.State == HeldProposed }

// Decision is what a reviewer proposes.
type Decision string

// The decisions.
const (
	DecideRelease Decision = "release"
	DecideReject  Decision = "reject"
)

// Proposal is one reviewer's decision that waits for a second one.
type Proposal struct {
	ID         models.ID
	Key        Key
	Reason     Hold
	Decision   Decision
	ReasonCode string
	Note       string // sealed in the store
	State      string // open, approved, declined, withdrawn, ended
	Version    int64  // of the line when it was proposed
	ProposedBy models.ID
	ProposedAt time.Time
	DecidedBy  models.ID
	DecidedAt  time.Time
}

// The states of a proposal.
const (
	ProposalOpen      = "open"
	ProposalApproved  = "approved"
	ProposalDeclined  = "declined"
	ProposalWithdrawn = "withdrawn"
	ProposalEnded     = "ended"
)

// holdRule is one line of the table of what may be done by hand about a hold.
type holdRule struct {
	say     string // for reviewers
	owner   Owner
	hours   int      // until it is overdue, where policy says nothing else
	release []string // reason codes that allow a release; none: wait for the registry, or reject
}

// rejections are the reason codes of a refusal, of any hold.
var rejections = []string{"WRONG_PAYEE", "WRONG_AMOUNT", "PAID_TWICE", "NOT_PAID", "ANNOUNCED_BY_MISTAKE", "OTHER"}

// otherHold stands for a reason that the table does not name: it is never released by hand.
var otherHold = holdRule{say: "原因待核实", owner: OwnerOperations, hours: 24}

var holdRules = map[Hold]holdRule{
	HoldPayeeMismatch: {say: "个人补贴的收款人不是本人", owner: OwnerDepartment, hours: 72}, // R3: never shown to the wrong person
	HoldNotHead: {say: "家庭补贴没有付给户主,也没有写明原因和批准人", owner: OwnerDepartment, hours: 72,
		release: []string{"HEAD_ABSENT", "HEAD_DECEASED", "HEAD_UNABLE"}}, // R4
	HoldStageUnknown:     {say: "发放阶段不明,或与前一阶段接不上", owner: OwnerFinance, hours: 72, release: []string{"STAGE_CONFIRMED"}},
	HoldCreditedUnsent:   {say: "没有送银行的记录就已入账", owner: OwnerFinance, hours: 24, release: []string{"BANK_CONFIRMED"}},
	HoldProgrammeUnknown: {say: "补贴项目不在清单中", owner: OwnerFinance, hours: 24},
	HoldDeceased:         {say: "收款人已登记死亡", owner: OwnerDepartment, hours: 72},
	HoldPayeeUnknown:     {say: "收款人已改为另一人,尚无此人登记", owner: OwnerDepartment, hours: 72}, // R3: shown to nobody before the person is known
	HoldAmount:           {say: "金额不合理", owner: OwnerDepartment, hours: 24, release: []string{"AMOUNT_CONFIRMED"}},
}

// batchRule is the rule of every hold of a whole batch: its release means that it is read again, never that it is taken
// in spite of its figures.
var batchRule = holdRule{say: "整批数据与公布的笔数、金额或校验码不符", owner: OwnerFinance, hours: 4, release: []string{"CORRECTED_AT_SOURCE"}}

// untakenRule is that of a batch that is tried again by itself: there is nothing to reject, and a release tries it at once.
var untakenRule = holdRule{say: "整批数据多次读取或入库未成,系统仍在重试", owner: OwnerOperations, release: []string{"CORRECTED_AT_SOURCE"}}

func ruleOf(reason Hold, batch bool) holdRule {
	switch {
	case batch && reason == BatchNotTaken:
		return untakenRule
	case batch:
		return batchRule
	}
	if r, ok := holdRules[reason]; ok {
		return r
	}
	return otherHold
}

// Say tells a reviewer in plain words why it is held.
func (h HeldItem) Say() string { return ruleOf(h.Reason, h.IsBatch()).say }

// Releases lists the reason codes under which it may be released by hand; none where it may not.
func (h HeldItem) Releases() []string {
	switch {
	case h.Reason == HoldAmount && h.AmountFen <= 0: // no hand makes a payment of nothing or less
		return nil
	case h.Reason == HoldStageUnknown && (h.LineState == Unknown || h.LineState == ""):
		return nil // there is nothing to show before the registry names the stage
	}
	return ruleOf(h.Reason, h.IsBatch()).release
}

// Rejections lists the reason codes of a refusal; none where there is nothing to refuse yet.
func (h HeldItem) Rejections() []string {
	if h.Reason == BatchNotTaken {
		return nil
	}
	return rejections
}

// allows reports whether the table knows this decision with this reason code.
func (h HeldItem) allows(d Decision, code string) bool {
	return d == DecideRelease && slices.Contains(h.Releases(), code) || d == DecideReject && slices.Contains(h.Rejections(), code)
}

// factsOf is what a decision about a hold was made on: the same facts told again are decided already. Where the hold is
// about a step of the payment, the step is among them.
func factsOf(p Payment, reason Hold) string {
	step := ""
	if reason == HoldCreditedUnsent || reason == HoldStageUnknown {
		step = string(p.State) + "|" + p.CreditNo
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s|%s|%s|%s|%d|%s|%s", reason, p.PersonID, p.BeneficiaryID, p.PayeeKind, p.AmountFen, p.Programme, step))
	return hex.EncodeToString(sum[:16])
}

// HoldReasons lists the reasons of the table with the hours until each is overdue; policy may set others.
func HoldReasons() map[string]int {
	out := map[string]int{"BATCH": batchRule.hours, "OTHER": otherHold.hours}
	for reason, r := range holdRules {
		out[string(reason)] = r.hours
	}
	return out
}
