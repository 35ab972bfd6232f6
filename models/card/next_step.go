package card

import (
	"context"
	"errors"
	"slices"

	"onecard/models"
)

// NextStep is the one thing to do next (R25), with papers and place (R29, R30).
type NextStep struct {
	Code   string // one of NextSteps
	Text   string
	Papers []string
	Where  Outlet // where it is known
}

// nextStep picks exactly one step, the earliest that is missing.
func (s *Service) nextStep(ctx context.Context, h Home) (NextStep, error) {
	if h.Unknown {
		return unknownStep(h), nil
	}
	live, found := View{}, false
	for _, v := range h.Cards {
		if v.Card.Live() {
			live, found = v, true
			break
		}
	}
	if !found {
		if h.Replacement.Unfinished() {
			return s.replacementStep(ctx, h.Replacement)
		}
		if h.Application.State == ApplicationReturned {
			return NextStep{Code: "correct_application", Text: "您的申领已退回,请按列出的内容补正后重新提交。"}, nil
		}
		if h.Application.State == ApplicationBankFailed {
			return NextStep{Code: "ask_bank", Text: "您申领的社会保障卡银行开户没有成功,请本人带身份证原件到您选择的银行的社保卡窗口询问,或拨打12333。", Papers: []string{"本人身份证原件"}}, nil
		}
		if h.Application.ID != "" && h.Application.Unfinished() && h.Application.State != ApplicationAtOutlet {
			return NextStep{Code: "wait_for_card", Text: "您的申领正在办理,请留意进度短信。"}, nil
		}
		if h.Application.State == ApplicationAtOutlet {
			return s.collect(ctx, h.Application.OutletRef)
		}
		if step, ok := withoutCard(h); ok {
			return step, nil
		}
		if s.AppliesAtWindow {
			return NextStep{Code: "ask", Text: applyAtWindowText, Papers: []string{"有效身份证件", "电子照片"}}, nil
		}
		return NextStep{Code: "apply", Text: "您还没有社会保障卡,请先申领,首次申领不收费。", Papers: []string{"有效身份证件", "电子照片"}}, nil
	}
	if h.Replacement.Unfinished() {
		return s.replacementStep(ctx, h.Replacement)
	}
	c := live.Card
	switch {
	case c.Holding == InProduction:
		return NextStep{Code: "wait_for_card", Text: "您的社会保障卡正在制作,请留意进度短信。"}, nil
	case c.Holding == AtOutlet:
		return s.collect(ctx, c.OutletRef)
	case live.Loss.Waiting() && !live.Loss.LostSightAt.IsZero():
		return NextStep{Code: "ask", Text: lossUnclearText, Papers: []string{"本人身份证原件"}}, nil
	case live.Loss.Waiting():
		return NextStep{Code: "await_loss", Text: "挂失申请已收到,正在确认,以确认短信为准。"}, nil
	case live.Loss.State == LossReleaseRequested:
		return NextStep{Code: "await_release", Text: "社保账户解挂申请已收到,正在确认,以确认短信为准。"}, nil
	case s.AppliesAtWindow && (live.Loss.Open() || c.Social.Lost()):
		return NextStep{Code: "after_loss", Text: "社保账户已挂失。找到卡可以解挂,不收费;确定找不到的,请带身份证原件到社保卡服务网点补卡。", Papers: []string{"本人身份证原件"}}, nil
	case live.Loss.Open() || c.Social.Lost():
		return NextStep{Code: "after_loss", Text: "社保账户已挂失。找到卡可以解挂,不收费;确定找不到再补卡。"}, nil
	case h.replaced() && (c.Social == SocialInactive || c.Financial == FinancialInactive):
		bank := live.Bank.Name
		if bank == "" {
			bank = "卡面银行"
		}
		return NextStep{Code: "activate_new_card", Text: activateNewCard(bank), Papers: []string{"本人身份证原件", "新的社会保障卡"}}, nil
	case c.Social == SocialInactive && c.Financial == FinancialInactive:
		return NextStep{Code: "activate_both", Text: "请本人带身份证原件和卡到" + live.Bank.Name + "社保卡窗口,一次激活社保账户和银行账户。",
			Papers: []string{"本人身份证原件", "社会保障卡"}}, nil
	case c.Financial == FinancialInactive:
		return NextStep{Code: "activate_financial", Text: "补贴发到银行账户。请本人带身份证原件和卡到" + live.Bank.Name + "社保卡窗口激活银行账户。",
			Papers: []string{"本人身份证原件", "社会保障卡"}}, nil
	case atBank(c.Financial):
		return askBank(live.Bank, c.Financial), nil
	case c.Social == SocialInactive:
		return NextStep{Code: "activate_social", Text: "请持卡到社保卡服务网点或定点医院、药店,修改初始密码激活社保账户。",
			Papers: []string{"社会保障卡"}}, nil
	}
	return atRest(live), nil
}

// replaced reports whether a card before the live one was replaced, here or at a window.
func (h Home) replaced() bool {
	return slices.ContainsFunc(h.Cards, func(v View) bool { return v.Card.Social == SocialVoid })
}

// replacementStep is what to do while a replacement is under way.
func (s *Service) replacementStep(ctx context.Context, r Replacement) (NextStep, error) {
	switch r.State {
	case ReplacementAwaitingFee:
		return NextStep{Code: "pay_replacement", Text: "补换卡待支付工本费,支付后开始办理;不再需要的可以撤回,找到卡的可以解挂,都不收费。"}, nil
	case ReplacementAtOutlet:
		return s.collect(ctx, r.OutletRef)
	case ReplacementReturned:
		p := ReplacementProgress{Replacement: r}
		if err := s.shownDefects(ctx, &p); err != nil {
			return NextStep{}, err
		}
		if p.CorrectionsLeft == 0 {
			return NextStep{Code: "ask", Text: "您的补换卡已退回,请按列出的内容带身份证原件到社保卡服务网点一次办理;如有疑问请拨打12333。", Papers: []string{"本人身份证原件"}}, nil
		}
		return NextStep{Code: "correct_replacement", Text: "您的补换卡已退回,请按列出的内容一次更正后重新提交;也可带身份证原件到社保卡服务网点办理。"}, nil
	}
	return NextStep{Code: "wait_for_card", Text: "您的补换卡正在办理,请留意进度短信。"}, nil
}

func (s *Service) collect(ctx context.Context, outlet string) (NextStep, error) {
	o, err := s.Outlets.OutletByRef(ctx, outlet)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return NextStep{}, err
	}
	name := o.Name
	if name == "" {
		name = "领卡网点"
	}
	return NextStep{Code: "collect", Text: "您的社会保障卡已到" + name + ",请带身份证领取。", Papers: []string{"本人身份证原件"}, Where: o}, nil
}
