package payment

import (
	"time"

	"onecard/models"
	"onecard/models/flow"
)

// RefundState is the state of a refund (退付).
type RefundState string

// The states of a refund.
const (
	RefundRequested  RefundState = "requested"  // decided; the provider may not know it yet, and is told again under the same number
	RefundProcessing RefundState = "processing" // the provider took it; that is not yet money
	RefundSucceeded  RefundState = "succeeded"  // the money is back, by the provider's word
	RefundAbnormal   RefundState = "abnormal"   // the provider could not give it back: a person acts, and we go on asking
)

// RefundStage is how far an application for a refund has come at the finance bureau; it decides, and pays.
type RefundStage string

// The stages. While an application is under way the refund stays requested: nothing else is confirmed.
const (
	StageApplied  RefundStage = "applied"
	StageApproved RefundStage = "approved"
	StageRejected RefundStage = "rejected"
	StagePaid     RefundStage = "paid_back"
)

// RefundEvent is what happens to a refund.
type RefundEvent string

// The events of a refund.
const (
	RefundTaken  RefundEvent = "provider_took_it"
	RefundDone   RefundEvent = "money_is_back"
	RefundFailed RefundEvent = "provider_failed"
)

// RefundFlow is the table of a refund.
var RefundFlow = flow.New("fee refund", RefundRequested,
	flow.Edge[RefundState, RefundEvent]{From: RefundRequested, On: RefundTaken, To: RefundProcessing},
	flow.Edge[RefundState, RefundEvent]{From: RefundRequested, On: RefundDone, To: RefundSucceeded},
	flow.Edge[RefundState, RefundEvent]{From: RefundRequested, On: RefundFailed, To: RefundAbnormal},
	flow.Edge[RefundState, RefundEvent]{From: RefundProcessing, On: RefundDone, To: RefundSucceeded},
	flow.Edge[RefundState, RefundEvent]{From: RefundProcessing, On: RefundFailed, To: RefundAbnormal},
	flow.Edge[RefundState, RefundEvent]{From: RefundAbnormal, On: RefundTaken, To: RefundProcessing},
	flow.Edge[RefundState, RefundEvent]{From: RefundAbnormal, On: RefundDone, To: RefundSucceeded},
)

// Reasons of refunds that payment itself decides. Others are the words of whoever calls ReturnFee.
const (
	WhyDouble = "double_payment" // the order was paid already
	WhyLate   = "late_payment"   // the order had been closed
)

// Refund sends the money of one trade back to who paid it, once: a trade has one refund, with one number.
type Refund struct {
	ID          models.ID
	Number      string // out_refund_no, fixed
	TradeID     models.ID
	OrderID     models.ID
	AmountFen   models.Fen
	Reason      string
	State       RefundState
	Version     int
	ProviderRef string
	Stage       RefundStage // empty: no application is needed
	RequestedAt time.Time
	DoneAt      time.Time
	AlarmedAt   time.Time
	DueAt       time.Time
	Attempt     int
	UpdatedAt   time.Time
}

func (r Refund) after(on RefundEvent, at time.Time) (Refund, error) {
	next, err := RefundFlow.Next(r.State, on)
	if err != nil {
		return r, err
	}
	r.State, r.UpdatedAt = next, at
	return r, nil
}
