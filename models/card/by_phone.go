package card

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// ByPhone is what was said on the telephone before an agent reported a loss (R33).
type ByPhone struct {
	ReadBack      bool   // the sentence was read out and the caller agreed
	Speaker       string // holder, or relative; empty is the holder
	HolderReached string // of a relative: came_to_phone, called_back
}

// Who speaks, and how the holder was reached when it is not she.
const (
	SpeakerHolder   = "holder"
	SpeakerRelative = "relative"
	HolderCame      = "came_to_phone"
	HolderCalled    = "called_back"
)

// saidByPhone refuses an agent's report before the sentence was read back, and a relative's without the holder.
func (s *Service) saidByPhone(ctx context.Context, by models.Actor, said ByPhone) (ByPhone, error) {
	if by.Kind != models.AgentActor {
		return ByPhone{}, nil
	}
	switch {
	case !said.ReadBack:
		return said, ErrReadBackRequired
	case said.Speaker == "" || said.Speaker == SpeakerHolder:
		said.Speaker, said.HolderReached = SpeakerHolder, ""
		return said, nil
	case said.Speaker != SpeakerRelative:
		return said, ErrSpeakerUnknown
	}
	return said, s.Calls.RelativeMaySpeak(ctx, by, said.HolderReached)
}

// saying notes on an entry who spoke.
func saying(e audit.Entry, r LossReport) audit.Entry {
	if r.Speaker == "" {
		return e
	}
	e = e.Noting("speaker", r.Speaker)
	if r.HolderReached != "" {
		e = e.Noting("holder_reached", r.HolderReached)
	}
	return e
}

// LossPreview is what an agent reads out before a loss is reported: nothing is decided by it.
type LossPreview struct {
	Card  Card
	Bank  Bank
	Open  LossReport // the report that stands already
	Tiles []Tile
	AsOf  time.Time
}

// PreviewLoss shows what a report about one of the subject's cards would stop, or about the card in use where none is named.
// ErrCardNotFound, ErrCardVoid, ErrCardCancelled, ErrNoAccountYet.
func (s *Service) PreviewLoss(ctx context.Context, by models.Actor, id models.ID) (LossPreview, error) {
	home, err := s.Cards(ctx, by)
	if err != nil {
		return LossPreview{}, err
	}
	for _, v := range home.Cards {
		if id == "" || v.Card.ID == id {
			return LossPreview{v.Card, v.Bank, v.Loss, v.Tiles, home.AsOf}, stoppable(v.Card)
		}
	}
	return LossPreview{}, ErrCardNotFound
}

// ReadBack is the sentence to read out: what will be stopped and what not, R40's half first heard of, and the question. The bank
// is named only where named says that the caller is known well enough (R58).
func (p LossPreview) ReadBack(named bool) string {
	bank := somePhone
	if named && p.Bank.Name != "" {
		bank = p.Bank.Name + p.Bank.Phone
	}
	not := "银行账户不会停用,请马上拨打" + bank + "询问临时挂失,并带身份证到该行社保卡窗口办理。"
	if p.Open.Open() {
		return p.Open.Said(time.Time{}) + "。" + "银行账户没有停用,请马上拨打" + bank + "询问临时挂失,并带身份证到该行社保卡窗口办理。"
	}
	return not + "我现在只为您挂失社保账户,挂失后看病买药不能用这张卡。您确认挂失吗?"
}

// Said is a report in one line: when, by which channel, and how it stands: 09:12 通过微信小程序已挂失. The day is named unless it is
// the day of now.
func (r LossReport) Said(now time.Time) string {
	at := r.ReportedAt.In(models.Shanghai)
	when := at.Format("15:04")
	if now.IsZero() || models.DateOf(now) != models.DateOf(at) {
		when = at.Format("2006年1月2日15:04")
	}
	words := map[LossState]string{
		LossReceived: "已申请挂失,正在确认", LossUnconfirmed: "已申请挂失,正在确认", LossEffective: "已挂失", LossRefused: "申请挂失没有成功",
		LossWithdrawn: "申请挂失后已撤回", LossReleaseRequested: "已挂失,解挂正在确认", LossReleased: "挂失后已解挂", LossLapsed: "挂失后已到期",
		LossVoided: "挂失的卡已作废", LossUnresolved: "申请过挂失,是否生效没有查明",
	}
	return when + " 通过" + r.SourceWord() + words[r.State]
}

// WillStop are the accounts that a report would stop: none where one stands.
func (p LossPreview) WillStop() []string {
	if p.Open.Open() {
		return []string{}
	}
	return []string{"social"}
}

// Shown are the accounts as an agent sees them, without the bank unless it may be named.
func (p LossPreview) Shown(named bool) []Tile {
	if named {
		return p.Tiles
	}
	return Home{Cards: []View{{Card: p.Card, Bank: p.Bank, Tiles: p.Tiles}}}.Unnamed().Cards[0].Tiles
}
