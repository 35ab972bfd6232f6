package hotline

import (
	"context"
	"errors"
	"unicode/utf8"

	"onecard/models"
	"onecard/models/notice"
)

// GuideAsk is the guide a caller wants as a text message, in the words of the guides.
type GuideAsk struct{ Act, By, Holder, District, Bank, Outlet string }

// GuideText is a guide as short as a text message: nothing in it is about a person.
type GuideText struct {
	SentenceID string
	Act        string // 社保账户解挂
	Papers     string // 持卡人居民身份证原件、代办人居民身份证原件; empty where there is no list to send
	Place      string
	Phone      string
	Fee        string
}

// Guides writes guides. It refuses what no guide is about.
type Guides interface {
	GuideText(ctx context.Context, ask GuideAsk) (GuideText, error)
}

// GuideSent is what was sent.
type GuideSent struct {
	Act        string
	SentenceID string
	To         models.Phone
	Repeated   bool // this call had it already
}

// SendGuide texts a guide to the mobile from which the agent's own open call came (R19). Consultation needs no
// identification, and what is sent is public. One for each call: a repeat of the same act sends nothing and is the first
// result; the call, the message and the audit entry commit together.
//
// Errors: those of any look into a call; ErrCallerNotMobile, ErrSlipSent for a second act, ErrSlipNotText where there is no
// list of papers to send; what Guides refuses.
func (s *Service) SendGuide(ctx context.Context, by models.Actor, callID models.ID, in GuideAsk) (GuideSent, error) {
	call, err := s.ownOpenCall(ctx, by, callID)
	if err != nil {
		return s.guideDecided(ctx, by, callID, in, err)
	}
	to, err := models.ParsePhone(call.Caller.Reveal()) // a text goes to the phone that rings, and to no other
	if err != nil {
		return GuideSent{}, ErrCallerNotMobile
	}
	guide, err := s.Guides.GuideText(ctx, in)
	if err != nil {
		return GuideSent{}, err
	}
	if n := utf8.RuneCountInString(guide.Papers); n == 0 || n > notice.MaxParam { // half a list would be worse than none
		return GuideSent{}, ErrSlipNotText
	}
	var sent GuideSent
	for range sendTries { // something else of the call may be written at the same moment
		sent, err = s.sendOnce(ctx, by, callID, in.Act, guide)
		if !errors.Is(err, models.ErrConflict) || errors.Is(err, ErrSlipSent) {
			break
		}
	}
	sent.To = to
	return sent, err
}

// guideDecided is what the very same request sent before its call was over; else the refusal.
func (s *Service) guideDecided(ctx context.Context, by models.Actor, callID models.ID, in GuideAsk, refusal error) (GuideSent, error) {
	prior, err := s.Journal.Remembered(ctx, by)
	if err != nil {
		return GuideSent{}, err
	}
	if prior != string(callID) {
		return GuideSent{}, refusal
	}
	call, err := s.Calls.CallByID(ctx, callID)
	if err != nil {
		return GuideSent{}, err
	}
	to, _ := models.ParsePhone(call.Caller.Reveal()) // shown masked
	guide, err := s.Guides.GuideText(ctx, in)
	return GuideSent{Act: in.Act, SentenceID: guide.SentenceID, To: to, Repeated: true}, err
}

const sendTries = 3

func (s *Service) sendOnce(ctx context.Context, by models.Actor, callID models.ID, act string, guide GuideText) (GuideSent, error) {
	sent := GuideSent{Act: act, SentenceID: guide.SentenceID}
	err := s.Journal.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Journal.Remember(ctx, by, "calls", string(callID))
		if err != nil {
			return err
		}
		call, err := s.Calls.CallByID(ctx, callID)
		if err != nil {
			return err
		}
		if call.SlipSent != "" {
			sent.Repeated = call.SlipSent == act || prior != ""
			if !sent.Repeated {
				return ErrSlipSent
			}
			return nil
		}
		return s.textGuide(ctx, by, call, act, guide)
	})
	return sent, err
}

func (s *Service) textGuide(ctx context.Context, by models.Actor, call Call, act string, guide GuideText) error {
	now := s.Clock.Now()
	call.SlipSent, call.UsedAt = act, now
	if err := s.Calls.UpdateCall(ctx, call); err != nil {
		return err
	}
	err := s.Notices.AddNotice(ctx, notice.Draft{
		Cause: "guide:" + string(call.ID), Kind: notice.GuideSlip, To: notice.ToCaller, ToRef: call.ID, Object: "calls", ObjectID: call.ID, At: now,
		Params: map[string]string{"act": guide.Act, "papers": guide.Papers, "outlet": guide.Place, "outlet_phone": guide.Phone, "fee": guide.Fee},
	})
	if err != nil {
		return err
	}
	by.CallID, by.Subject = call.ID, call.PersonID
	return s.record(ctx, by, "hotline.guide.sent", "calls", string(call.ID), "done", "act", act, "sentence", guide.SentenceID)
}
