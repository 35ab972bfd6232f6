package boot

import (
	"context"
	"errors"
	"strings"

	"onecard/api"
	"onecard/integrations/alipay"
	"onecard/integrations/wechat"
	"onecard/models/citizen"
	"onecard/models/knowledge"
	"onecard/models/notice"
	"onecard/models/policy"
	"onecard/models/subsidy"
)

// joinFront makes what our accounts on platforms do with what comes to them.
func (a *App) joinFront() {
	budget := min(a.cfg.Wechat.MessageBudget, a.cfg.Alipay.MessageBudget)
	a.Front = &notice.Front{FrontPorts: notice.FrontPorts{
		Followers: a.db.PlatformFollows(), Answers: faqAnswers{a.Knowledge}, Scenes: scenes{a.Policy, a.Subsidies}, Told: frontTold{a},
		Clock: a.clock, Log: a.log, Pages: a.cfg.HTTP.PublicURL, Budget: budget,
	}}
}

// openMessages makes the doors by which platforms' messages come in, and the signer of our pages.
func (a *App) openMessages() (err error) {
	if a.wechatServer, err = wechat.NewServerMessages(a.cfg.Wechat, a.redis.Claims(), a.clock); err != nil {
		return err
	}
	if len(a.lives) > 0 {
		if a.lifeGateway, err = alipay.NewGateway(a.cfg.Alipay, a.lives, a.redis.Claims(), a.clock); err != nil {
			return err
		}
	}
	if len(a.officials) > 0 {
		a.pageSigner, err = a.officials[0].PageSignatures(a.cfg.HTTP.PublicURL)
	}
	return err
}

// messageDoors fills the edge's side; an interface that holds a nil pointer would not be nil.
func (a *App) messageDoors(d *api.Deps) {
	d.Front, d.WechatServer = a.Front, a.wechatServer
	if a.lifeGateway != nil {
		d.LifeGateway = a.lifeGateway
	}
	if a.pageSigner != nil {
		d.PageSigner = a.pageSigner
	}
}

var _ citizen.PageSigner = (*wechat.PageSignatures)(nil)

// faqAnswers shows the knowledge base to those who ask our accounts.
type faqAnswers struct{ knowledge *knowledge.Service }

func (f faqAnswers) Answers(ctx context.Context, question string, most int) ([]notice.FoundAnswer, error) {
	found, err := f.knowledge.Find(ctx, knowledge.FindInput{Query: question, Limit: most})
	out := make([]notice.FoundAnswer, 0, len(found.Items))
	for _, a := range found.Items {
		out = append(out, notice.FoundAnswer{ID: a.ID, Question: a.Question, Answer: knowledge.Plain(a.Answer)})
	}
	return out, err
}

// scenes are the codes that hang at outlets and stand on posters of programmes.
type scenes struct {
	policy    *policy.Service
	subsidies *subsidy.Service
}

// Scene knows outlet and programme. A programme is named as a text message would name it (R55).
func (s scenes) Scene(ctx context.Context, kind, ref string) (notice.Place, bool, error) {
	if strings.ContainsFunc(ref, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-')
	}) {
		return notice.Place{}, false, nil
	}
	switch kind {
	case "outlet":
		o, err := s.policy.OutletByRef(ctx, ref)
		if errors.Is(err, policy.ErrOutletUnknown) || err == nil && !o.Open {
			return notice.Place{}, false, nil
		}
		return notice.Place{Title: o.Name, Line: o.Address, Page: "/m/outlets/" + ref}, err == nil, err
	case "programme":
		p, _, err := s.subsidies.Programme(ctx, ref, "")
		if errors.Is(err, subsidy.ErrProgrammeNotFound) {
			return notice.Place{}, false, nil
		}
		return notice.Place{Title: p.SMSName, Page: "/m/programmes/" + ref}, err == nil && p.SMSName != "", err
	}
	return notice.Place{}, false, nil
}
