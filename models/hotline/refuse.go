package hotline

import (
	"context"

	"onecard/models"
)

// ForbiddenAct is an act the phone never carries out, whoever asks (R31, R36, R39).
type ForbiddenAct string

// The forbidden acts, named as their addresses are.
const (
	ForbidRelease       ForbiddenAct = "releases"
	ForbidActivation    ForbiddenAct = "activations"
	ForbidReplacement   ForbiddenAct = "replacements"
	ForbidFinancialLoss ForbiddenAct = "financial-losses"
)

// Refuse answers a forbidden act: always an error, whose message is the sentence to say, always with an audit entry.
// The bank of the caller's card is named beside it (R39) once the caller is known as surely as a loss report asks:
// before, the bank is a question of R58.
func (s *Service) Refuse(ctx context.Context, by models.Actor, callID models.ID, act ForbiddenAct) error {
	if by.Kind != models.AgentActor || by.ID == "" {
		return ErrNotLoggedIn
	}
	refusal := sentenceFor(act)
	if callID != by.CallID {
		by.CallID, by.Subject = "", ""
	}
	if act == ForbidFinancialLoss && by.Subject != "" {
		name, phone, err := s.bankOfCall(ctx, by)
		if err != nil {
			return err
		}
		refusal = namingBank(refusal, name, phone)
	}
	err := s.record(ctx, by, "hotline.act.refused", "calls", string(by.CallID), "refused", "act", string(act), "code", refusal.Code)
	if err != nil {
		return err
	}
	return refusal.With("say", refusal.Message)
}

// bankOfCall is empty where the bank is unknown or the caller is not known well enough.
func (s *Service) bankOfCall(ctx context.Context, by models.Actor) (name, phone string, err error) {
	call, err := s.Calls.CallByID(ctx, by.CallID)
	if err != nil || !call.Strength.OpensLoss() {
		return "", "", err
	}
	facts, err := s.Facts.FactsOf(ctx, by.Subject)
	if err == nil && facts.Bank != "" {
		name, phone, err = s.Banks.BankToSay(ctx, facts.Bank, s.Clock.Now())
	}
	if models.KindOf(err) == models.NotFound {
		return "", "", nil
	}
	return name, phone, err
}

func sentenceFor(act ForbiddenAct) *models.Error {
	switch act {
	case ForbidRelease:
		return ErrReleaseByPhone
	case ForbidActivation:
		return ErrActivationByPhone
	case ForbidFinancialLoss:
		return ErrBankInPersonOnly
	}
	return ErrReplaceByPhone
}

func namingBank(e *models.Error, name, phone string) *models.Error {
	if name == "" {
		return e
	}
	c := *e
	c.Message = "银行账户的挂失和解挂只能由本人到卡面银行办理,电话不能办理。请马上拨打" + name + phone +
		"询问临时挂失,并带身份证到该行的社保卡服务网点办理。"
	return c.With("bank_name", name).With("bank_phone", phone)
}
