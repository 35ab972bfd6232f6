package hotline

import (
	"context"

	"onecard/models"
	"onecard/models/notice"
)

// OutletsAsk is where the caller would go, and for what: the act in the words of windows, the district, the bank on the card's
// face where the act is a bank's, and a town, a road or a name near which it should be.
type OutletsAsk struct{ Act, District, Bank, Near string }

// OutletLine is one outlet as a text message names it.
type OutletLine struct{ Name, Phone string }

// OutletsText is what is sent: nothing in it is about a person.
type OutletsText struct {
	Act     string // 社保账户解挂
	Outlets []OutletLine
}

// OutletBook finds outlets. It refuses what no window does, and gives at most most of them, the nearest words first.
type OutletBook interface {
	OutletsText(ctx context.Context, ask OutletsAsk, most int) (OutletsText, error)
}

// OutletsSent is what was sent.
type OutletsSent struct {
	OutletsText
	To       models.Phone
	Repeated bool // this very request had sent it already; what it named then is in the message, and not said here
}

// outletsInText is how many outlets a text of two parts names.
const outletsInText = 2

// outletsTask is how a call remembers that outlets were texted.
const outletsTask = "outlets"

// SendOutlets texts where an act is served to the mobile from which the agent's own open call came (R19). Nobody has to be known
// for it, and what is sent is public. One for each call; the message and the audit entry commit together, and the same request
// again is the first result.
//
// Errors: those of any look into a call; ErrCallerNotMobile, ErrNoOutletThere, ErrOutletsSent; what OutletBook refuses.
func (s *Service) SendOutlets(ctx context.Context, by models.Actor, callID models.ID, in OutletsAsk) (OutletsSent, error) {
	if !districtForm.MatchString(in.District) {
		return OutletsSent{}, models.InvalidInput(models.FieldError{Field: "district", Code: "FORMAT", Message: "请选择来电人要去的县区。"})
	}
	call, err := s.ownOpenCall(ctx, by, callID)
	if err != nil {
		return s.outletsDecided(ctx, by, callID, err)
	}
	if prior, err := s.Journal.Remembered(ctx, by); err != nil || prior != "" { // before the book: it may know others by now
		return s.outletsSent(call, err)
	}
	to, err := models.ParsePhone(call.Caller.Reveal()) // a text goes to the phone that rings, and to no other
	if err != nil {
		return OutletsSent{}, ErrCallerNotMobile
	}
	text, err := s.Outlets.OutletsText(ctx, in, outletsInText)
	if err != nil {
		return OutletsSent{}, err
	}
	if len(text.Outlets) == 0 {
		return OutletsSent{}, ErrNoOutletThere
	}
	sent := OutletsSent{OutletsText: text, To: to}
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Journal.Remember(ctx, by, "calls", string(callID))
		if err != nil {
			return err
		}
		if prior != "" {
			sent, err = s.outletsSent(call, nil)
			return err
		}
		now := s.Clock.Now()
		added, err := s.Calls.AddTask(ctx, callID, outletsTask, now)
		if err != nil {
			return err
		}
		if !added {
			return ErrOutletsSent
		}
		params := map[string]string{"act": text.Act, "outlet": text.Outlets[0].Name, "outlet_phone": text.Outlets[0].Phone}
		if len(text.Outlets) > 1 {
			params["other_outlet"], params["other_phone"] = text.Outlets[1].Name, text.Outlets[1].Phone
		}
		err = s.Notices.AddNotice(ctx, notice.Draft{
			Cause: "outlets:" + string(callID), Kind: notice.OutletSlip, To: notice.ToCaller, ToRef: callID, Object: "calls", ObjectID: callID, At: now, Params: params,
		})
		if err != nil {
			return err
		}
		by.CallID, by.Subject = callID, call.PersonID
		return s.record(ctx, by, "hotline.outlets.sent", "calls", string(callID), "done", "act", in.Act, "district", in.District)
	})
	return sent, err
}

// outletsDecided is what the very same request came to before its call was over; else the refusal.
func (s *Service) outletsDecided(ctx context.Context, by models.Actor, callID models.ID, refusal error) (OutletsSent, error) {
	prior, err := s.Journal.Remembered(ctx, by)
	if err != nil {
		return OutletsSent{}, err
	}
	if prior != string(callID) {
		return OutletsSent{}, refusal
	}
	call, err := s.Calls.CallByID(ctx, callID)
	return s.outletsSent(call, err)
}

// outletsSent answers a repeat.
func (s *Service) outletsSent(call Call, err error) (OutletsSent, error) {
	to, _ := models.ParsePhone(call.Caller.Reveal()) // shown masked
	return OutletsSent{To: to, Repeated: err == nil}, err
}
