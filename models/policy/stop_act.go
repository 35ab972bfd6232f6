package policy

import (
	"context"
	"time"

	"onecard/models"
)

// LongestStop is for how long one person alone may stop an act.
const LongestStop = 24 * time.Hour

// StopInput is an emergency: something is wrong with an act, and a second person is not at hand.
type StopInput struct {
	Act     models.Act
	Channel models.Channel
	For     time.Duration // at most LongestStop, which is also what zero means
	Basis   string        // what happened
}

// StopAct stops an act on a channel at once, by one person: window_only, from this instant, with its banner. It ends by
// itself after its time unless a second person approves it before, and raises an alarm. It only ever stops: nothing is
// opened by one person. Nor is it stopped by one person for ever: whoever stopped it last does not stop it again before a second
// person has looked (ErrStopAgain). ErrStopOpen where the act is stopped there already.
func (s *Service) StopAct(ctx context.Context, by models.Actor, in StopInput) (Proposal, error) {
	if err := s.Deciders.Decider(ctx, by); err != nil {
		return Proposal{}, err
	}
	r, err := s.wish(ctx, by, SetInput{Key: ModeKey(in.Act, in.Channel), Value: string(models.ModeWindowOnly), Basis: in.Basis})
	if err != nil {
		return Proposal{}, err
	}
	if in.For == 0 {
		in.For = LongestStop
	}
	if in.For < time.Minute || in.For > LongestStop {
		return Proposal{}, models.InvalidInput(models.FieldError{Field: "hours", Code: "RANGE", Message: "一个人最多可以停办24小时。"})
	}
	p := Proposal{
		ID: models.NewID(), Kind: ProposeStop, Key: r.Key, Scope: Everywhere, Value: r.Value, ValidFrom: r.SetAt, Basis: r.Basis, State: ProposalOpen,
		LapsesAt: models.Instant(r.SetAt.Add(in.For)), ProposedBy: by.ID, ProposedAt: r.SetAt,
	}
	err = s.store.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.store.Remember(ctx, by, "policy_proposals", string(p.ID))
		if err != nil {
			return err
		}
		if prior != "" {
			p, err = s.store.Proposal(ctx, models.ID(prior))
			return err
		}
		if err := s.store.HoldSettings(ctx); err != nil {
			return err
		}
		if err := s.endLapsed(ctx, p.Key); err != nil { // one that has ended by itself stands in nobody's way
			return err
		}
		if err := s.secondLooked(ctx, by, p.Key); err != nil {
			return err
		}
		if err := s.store.AddProposal(ctx, p); err != nil {
			return err
		}
		s.store.AfterCommit(ctx, func() { s.alarm(AlarmStopped) })
		return s.auditProposal(ctx, by, p, "begun")
	})
	s.forget()
	return p, err
}

// secondLooked refuses a stop by whoever made the last one of the key, until a second person has decided about it
// or has stopped the act herself.
func (s *Service) secondLooked(ctx context.Context, by models.Actor, key string) error {
	stops, err := s.store.Stops(ctx)
	if err != nil {
		return err
	}
	var last Proposal
	for _, p := range stops { // oldest first
		if p.Key == key {
			last = p
		}
	}
	if last.ProposedBy == by.ID && (last.State == ProposalLapsed || last.State == ProposalWithdrawn) {
		return ErrStopAgain
	}
	return nil // another's, one that stands, or one that was looked at
}

// LapseStops notes down which stops have ended by themselves, and alarms: the act is done again without anybody having
// looked.
func (s *Service) LapseStops(ctx context.Context) (more bool, err error) {
	open, err := s.store.Proposals(ctx, ProposalOpen, "", 1000)
	if err != nil {
		return false, err
	}
	for _, p := range open {
		if p.Kind != ProposeStop || p.LapsesAt.After(s.clock.Now()) {
			continue
		}
		err := s.store.InTx(ctx, func(ctx context.Context) error {
			if err := s.store.HoldSettings(ctx); err != nil {
				return err
			}
			return s.endLapsed(ctx, p.Key)
		})
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

// endLapsed ends the stop of a key that has had its time; whoever calls holds the settings.
func (s *Service) endLapsed(ctx context.Context, key string) error {
	open, err := s.store.Proposals(ctx, ProposalOpen, "", 1000)
	if err != nil {
		return err
	}
	now := s.clock.Now()
	for _, p := range open {
		if p.Kind != ProposeStop || p.Key != key || p.LapsesAt.After(now) {
			continue
		}
		p.DecidedAt = now
		if _, err := s.end(ctx, models.System(), p, onLapse, "lapsed"); err != nil {
			return err
		}
		s.store.AfterCommit(ctx, func() { s.alarm(AlarmLapsed) })
	}
	return nil
}

func (s *Service) alarm(code string) {
	if s.Alarms != nil {
		s.Alarms.Alarm(code, 1)
	}
}

var channelWords = map[models.Channel]string{
	models.WechatMini: "微信小程序", models.WechatOA: "微信公众号", models.AlipayMini: "支付宝小程序", models.AlipayLife: "支付宝生活号", models.Phone12333: "12333电话",
}

// stoppedBanner is what a channel shows of an act that it did and does not do now; empty where there is nothing to say.
func stoppedBanner(act models.Act, channel models.Channel, mode models.Mode) string {
	if mode != models.ModeWindowOnly || byKey[ModeKey(act, channel)].Default != string(models.ModeHere) {
		return ""
	}
	return channelWords[channel] + "暂停办理" + actWords[act] + ",恢复时间以页面显示为准。急需办理请带有效身份证件到社保卡服务网点,或拨打12333。"
}

// actWords are the acts as people read them.
var actWords = map[models.Act]string{
	models.ActBind: "实名绑定", models.ActCardRead: "社保卡查询", models.ActProgressRead: "办卡进度查询", models.ActLoss: "社保账户挂失", models.ActRelease: "社保账户解挂",
	models.ActApply: "首次申领", models.ActArrivals: "补贴到账查询", models.ActArrivalHigh: "到账明细查询", models.ActReplace: "补换卡", models.ActReplaceMinor: "未成年人补换卡",
	models.ActReplaceDeleg: "代办补换卡", models.ActPay: "工本费缴纳", models.ActActivate: "激活", models.ActChangePhone: "更换手机号", models.ActUnbind: "解除绑定",
	models.ActExport: "个人数据下载", models.ActReveal: "查看完整号码", models.ActGuard: "添加监护关系", models.ActHelpers: "指定亲属协助人", models.ActHelp: "接受亲属协助",
}
