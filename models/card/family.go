package card

import (
	"context"

	"onecard/models"
)

// noteMinorAccount is said where subsidies for minors are paid to a child without naming any: they go to the financial
// account, which only a bank window activates (R23, R30).
const noteMinorAccount = "孩子名下有补贴发放到社会保障卡的银行账户。领卡后,请监护人带双方身份证件、户口簿和卡到卡面银行社保卡窗口激活银行账户,激活前补贴不能入账;急需领取的请直接到社保卡服务网点窗口办理,咨询请拨打12333。"

// stillActsFor looks at a guardian's or helper's right again inside the transaction of the decision.
func (s *Service) stillActsFor(ctx context.Context, by models.Actor) error {
	switch {
	case by.Kind != models.CitizenActor, by.ForSelf():
		return nil
	case s.Family == nil:
		return models.ErrForbidden
	}
	return s.Family.StillActsFor(ctx, by)
}

// tellHelped tells the holder that her helper reported a loss: once for each report, in its commit.
func (s *Service) tellHelped(ctx context.Context, by models.Actor, r LossReport) error {
	if by.As != models.AsHelper {
		return nil
	}
	return s.Store.AddNotice(ctx, s.Family.HelperActed(by, models.ActLoss, string(r.ID), s.Clock.Now()))
}

// minorNotes are what a guardian must know before she applies for a child.
func (s *Service) minorNotes(ctx context.Context, by models.Actor) ([]string, error) {
	if by.As != models.AsGuardian || s.Minors == nil {
		return nil, nil
	}
	paid, err := s.Minors.PaidForMinors(ctx, by.Subject)
	if err != nil || !paid {
		return nil, err
	}
	return []string{noteMinorAccount}, nil
}

// UsePicture ties a page of a guardian's household book to the relation it is to prove. ErrUploadUnknown for a picture
// that is not hers, of another purpose, used or too old. It joins the transaction.
func (s *Service) UsePicture(ctx context.Context, person models.ID, purpose string, id, relation models.ID) error {
	p := UploadPurpose(purpose)
	if !p.provesGuardian() {
		return ErrUploadPurpose
	}
	u, err := s.ownUpload(ctx, person, p, id, s.set.UploadKeep)
	if err != nil {
		return err
	}
	return s.Store.UseUpload(ctx, u, relation)
}

// DropPicture has a page that a relation used deleted by the next sweep; one that is gone already is no error.
func (s *Service) DropPicture(ctx context.Context, id, relation models.ID) error {
	return ignoreConflict(s.Store.ForgetUpload(ctx, id, relation))
}
