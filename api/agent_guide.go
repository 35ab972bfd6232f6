package api

import (
	"context"
	"net/http"

	"onecard/models"
	"onecard/models/hotline"
)

// GuideMessages are the use cases of texting a slip to a caller.
type GuideMessages interface {
	SendGuide(ctx context.Context, by models.Actor, call models.ID, in hotline.GuideAsk) (hotline.GuideSent, error)
	SendOutlets(ctx context.Context, by models.Actor, call models.ID, in hotline.OutletsAsk) (hotline.OutletsSent, error)
}

func (s *server) registerAgentGuides() {
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/calls/{call_id}/guide-messages", ID: "sendGuide",
		Summary:  "Text a guide to the mobile the call came from (R19): one for each call; 200 when this call had it already",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, Statuses: []int{http.StatusCreated, http.StatusOK},
		Errs: append(append([]*models.Error{hotline.ErrSlipSent, hotline.ErrCallerNotMobile, hotline.ErrSlipNotText}, guideErrs...), inCall...),
	}, s.sendGuide)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/calls/{call_id}/outlet-messages", ID: "sendOutlets",
		Summary:  "Text where an act is served, by district, to the mobile the call came from (R18, R19): one for each call; 200 when this very request sent it already",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, Statuses: []int{http.StatusCreated, http.StatusOK},
		Errs: append(append([]*models.Error{hotline.ErrOutletsSent, hotline.ErrNoOutletThere, hotline.ErrCallerNotMobile}, guideErrs...), inCall...),
	}, s.sendOutlets)
}

type sendGuideInput struct {
	CallPath
	Body struct {
		Act      string `json:"act" enum:"apply,collect,replace,loss,release,activate_social_security,activate_financial,financial_loss,financial_release,phone_change,binding_slip"`
		By       string `json:"by,omitempty" enum:"self,delegate,guardian" default:"self"`
		Holder   string `json:"holder,omitempty" enum:"mainland,minor,hk_macao_taiwan,foreigner" default:"mainland"`
		District string `json:"district,omitempty" pattern:"^([0-9]{6})?$"`
		Bank     string `json:"bank,omitempty" maxLength:"12"`
		Outlet   string `json:"outlet,omitempty" maxLength:"64" doc:"The one named in the text; without it, the nearest words"`
	}
}

type sendGuideOutput struct {
	Status int
	Body   struct {
		Act      string `json:"act"`
		Sentence string `json:"sentence_id" doc:"Of showGuide: what the caller was told"`
		SentTo   string `json:"sent_to" doc:"Masked"`
	}
}

func (s *server) sendGuide(ctx context.Context, in *sendGuideInput) (*sendGuideOutput, error) {
	b := in.Body
	sent, err := s.GuideMessages.SendGuide(ctx, actorFrom(ctx), in.id(), hotline.GuideAsk{
		Act: b.Act, By: b.By, Holder: b.Holder, District: b.District, Bank: b.Bank, Outlet: b.Outlet,
	})
	if err != nil {
		return nil, err
	}
	out := &sendGuideOutput{Status: http.StatusCreated}
	if sent.Repeated {
		out.Status = http.StatusOK
	}
	out.Body.Act, out.Body.Sentence, out.Body.SentTo = sent.Act, sent.SentenceID, sent.To.String()
	return out, nil
}

type sendOutletsInput struct {
	CallPath
	Body struct {
		Act      string `json:"act" enum:"apply,collect,replace,loss,release,activate_social_security,activate_financial,financial_loss,financial_release,phone_change,binding_slip"`
		District string `json:"district" maxLength:"6" doc:"Where the caller would go: 410303 is Xigong"`
		Bank     string `json:"bank,omitempty" maxLength:"12" doc:"The bank on the card's face; its successor's windows are found too (R30)"`
		Near     string `json:"near,omitempty" maxLength:"40" doc:"A town, a road or a name: a part of the outlet's name or address"`
	}
}

type sentOutlet struct {
	Name  string `json:"name"`
	Phone string `json:"phone"`
}

type sendOutletsOutput struct {
	Status int
	Body   struct {
		Act     string       `json:"act"`
		Outlets []sentOutlet `json:"outlets" nullable:"false" doc:"To be said as well: what the caller was sent. Empty in the answer to a repeat: the message has it"`
		SentTo  string       `json:"sent_to" doc:"Masked"`
	}
}

func (s *server) sendOutlets(ctx context.Context, in *sendOutletsInput) (*sendOutletsOutput, error) {
	b := in.Body
	sent, err := s.GuideMessages.SendOutlets(ctx, actorFrom(ctx), in.id(), hotline.OutletsAsk{Act: b.Act, District: b.District, Bank: b.Bank, Near: b.Near})
	if err != nil {
		return nil, err
	}
	out := &sendOutletsOutput{Status: http.StatusCreated}
	if sent.Repeated {
		out.Status = http.StatusOK
	}
	out.Body.Act, out.Body.SentTo, out.Body.Outlets = b.Act, sent.To.String(), make([]sentOutlet, len(sent.Outlets))
	for i, o := range sent.Outlets {
		out.Body.Outlets[i] = sentOutlet{o.Name, o.Phone}
	}
	return out, nil
}
