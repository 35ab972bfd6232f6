package api

import (
	"time"

	"onecard/models/card"
)

type replacementFeeReply struct {
	FeeOrderID string `json:"fee_order_id" doc:"Of getFeeOrder and payFeeOrder"`
	Number     string `json:"number" doc:"What people read aloud"`
	AmountFen  int64  `json:"amount_fen"`
	State      string `json:"state" enum:"created,paying,paid,closed,refunding,refunded"`
	Label      string `json:"label" doc:"The state in Chinese, to be shown as it is"`
	Payable    bool   `json:"payable"`
	Refund     string `json:"refund,omitempty" doc:"What became of money that goes back, in Chinese"`
}

type announcedReply struct {
	Name        string `json:"name" doc:"As a list may show it (R55)"`
	LedgerMonth string `json:"ledger_month"`
	AmountFen   int64  `json:"amount_fen"`
}

type replacementReply struct {
	ReplacementID string               `json:"replacement_id"`
	Receipt       string               `json:"receipt" doc:"The number people read aloud"`
	CardID        string               `json:"card_id" doc:"The old card"`
	Reason        string               `json:"reason" enum:"lost,damaged,expired,data_wrong"`
	State         string               `json:"state" enum:"awaiting_fee,submitted,accepted,batched,bank_opening,bank_failed,producing,production_failed,at_outlet,completed,returned,rejected,withdrawing,withdrawn,lapsed"`
	Label         string               `json:"label" doc:"The state in Chinese, to be shown as it is"`
	Advice        string               `json:"advice"`
	BeforePaying  []string             `json:"before_paying" nullable:"false" doc:"Sentences to be read before the fee is paid; empty once it is. Where it is waived: to be read while the order can surely be taken back"`
	Announced     []announcedReply     `json:"announced" nullable:"false" doc:"With before_paying: payments on their way to the old card's account"`
	Fee           *replacementFeeReply `json:"fee,omitempty" doc:"Left out where it is waived"`
	FeeWaived     bool                 `json:"fee_waived" doc:"免收: nothing is owed, there is no fee order and nothing to pay"`
	ReasonCode    string               `json:"reason_code,omitempty" doc:"Of the registry, where it refused"`
	Bank          bankReply            `json:"bank"`
	Outlet        *placeReply          `json:"outlet,omitempty" doc:"Where the new card is to be collected"`
	RegistryRef   string               `json:"registry_reference,omitempty"`
	Holder        string               `json:"holder,omitempty" doc:"Who holds the next step, in Chinese"`
	ExpectedBy    *time.Time           `json:"expected_by,omitempty" doc:"The end of the last working day promised for the present stage (承诺时限, R69); of an unpaid one, when it closes by itself"`
	Overdue       string               `json:"overdue,omitempty" doc:"A sentence once that day has passed, to be shown as it is"`
	Timeline      []progressLine       `json:"timeline" nullable:"false" doc:"What has been, where it is, what is still to come"`
	Defects       []defectReply        `json:"defects,omitempty" doc:"Of one that was sent back: everything at once (R69)"`
	Corrections   int                  `json:"corrections_left,omitempty" doc:"How often a returned one may still be put right online; absent: at a window only"`
	Withdrawable  bool                 `json:"withdrawable"`
	AskedAt       time.Time            `json:"asked_at"`
	UpdatedAt     time.Time            `json:"updated_at"`
}

func newReplacementReply(p card.ReplacementProgress) replacementReply {
	r := p.Replacement
	out := replacementReply{
		ReplacementID: string(r.ID), Receipt: r.Receipt, CardID: string(r.CardID), Reason: string(r.Reason), State: string(r.State), Label: p.Label, Advice: p.Advice,
		BeforePaying: emptyNotNull(p.BeforePaying), Announced: []announcedReply{}, ReasonCode: r.ReasonCode, Bank: bankReply{r.BankCode, p.Bank.Name, p.Bank.Phone},
		FeeWaived: p.Waived, RegistryRef: r.RegistryRef, Holder: p.Holder, ExpectedBy: instantOrNone(p.ExpectedBy), Overdue: p.Overdue, Timeline: []progressLine{},
		Corrections: p.CorrectionsLeft, Withdrawable: p.Withdrawable, AskedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
	if f := p.Fee; f.OrderID != "" {
		out.Fee = &replacementFeeReply{string(f.OrderID), f.Number, int64(f.AmountFen), f.State, f.Label, f.Payable, f.Refund}
	}
	for _, a := range p.Announced {
		out.Announced = append(out.Announced, announcedReply{a.Name, a.LedgerMonth, int64(a.AmountFen)})
	}
	if p.Outlet.Name != "" {
		out.Outlet = &placeReply{p.Outlet.Name, p.Outlet.Address, p.Outlet.Phone, p.Outlet.Hours}
	}
	for _, d := range p.Defects {
		out.Defects = append(out.Defects, defectReply(d))
	}
	for _, line := range p.Timeline {
		out.Timeline = append(out.Timeline, progressLine{string(line.State), line.Label, instantOrNone(line.At)})
	}
	return out
}

// besideReply asks who has just released a loss about the replacement that goes on (R41).
type besideReply struct {
	ReplacementID string `json:"replacement_id"`
	Label         string `json:"label" doc:"How far it is, in Chinese"`
	Ask           string `json:"ask" doc:"The question whether to withdraw it, to be shown as it is"`
	Withdrawable  bool   `json:"withdrawable"`
}
