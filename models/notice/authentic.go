package notice

import (
	"context"
	"regexp"
	"strings"
	"time"
	"unicode"

	"onecard/models"
)

// Asked is a message that somebody doubts: its text, as it was copied from the phone, or the civil day on which it came,
// or both.
type Asked struct {
	Text string
	Day  models.Date
}

// AskedMost is the longest text that is looked at, in characters; ours are shorter.
const AskedMost = 500

// Verdict is what we can say of it.
type Verdict string

// The verdicts.
const (
	VerdictOurs     Verdict = "ours"      // the very text of one of her notices
	VerdictCode     Verdict = "code"      // in the form of our codes, which are kept nowhere
	VerdictNotFound Verdict = "not_found" // no notice of hers has this text
	VerdictCompare  Verdict = "compare"   // no text was given: what we sent that day
)

// Authentic is the answer, about the asker's own notices alone.
type Authentic struct {
	Verdict Verdict
	Say     string  // in Chinese, with a way forward
	Match   *Entry  // of VerdictOurs
	SentOn  []Entry // what was handed over to a vendor or a platform on the day
}

// IsItOurs answers "is this message really from you?" (R55). A citizen is answered about her own notices, an agent about those
// of the caller known at Full; every asker is looked through the same number of her own newest notices, so nothing is learnt
// of anybody else. What was asked is kept nowhere. The refusals of Inbox; a *models.Error naming the fields where neither is given.
func (s *Service) IsItOurs(ctx context.Context, by models.Actor, a Asked) (Authentic, error) {
	text := bare(a.Text)
	switch {
	case text == "" && a.Day == "":
		return Authentic{}, models.InvalidInput(models.FieldError{Field: "text", Code: "REQUIRED", Message: "请粘贴短信内容,或选择收到的日期。"})
	case len([]rune(a.Text)) > AskedMost:
		return Authentic{}, models.InvalidInput(models.FieldError{Field: "text", Code: "LENGTH", Message: "内容太长,请只粘贴这一条短信。"})
	}
	person, err := s.reader(ctx, by)
	if err != nil {
		return Authentic{}, err
	}
	rows, err := s.Store.NoticesOf(ctx, person, "", InboxLimit)
	if err != nil {
		return Authentic{}, err
	}
	out := Authentic{Verdict: VerdictNotFound}
	for _, n := range rows {
		e := n.entry()
		if text != "" && out.Match == nil {
			ours, as, err := s.saidAs(ctx, n, e.Text, text)
			if err != nil {
				return Authentic{}, err
			}
			if ours {
				match := e
				match.Text, out.Match = as, &match
			}
		}
		if a.Day != "" && n.mayArriveOn(a.Day) {
			out.SentOn = append(out.SentOn, e)
		}
	}
	switch {
	case out.Match != nil:
		out.Verdict = VerdictOurs
	case text == "":
		out.Verdict = VerdictCompare
	default:
		code, err := s.likeOurCode(ctx, text)
		if err != nil {
			return Authentic{}, err
		}
		if code {
			out.Verdict = VerdictCode
		}
	}
	out.Say = saysOf[out.Verdict]
	return out, nil
}

// arrivesWithin is how long a message may be on its way: a phone that was off gets it when it is on again.
const arrivesWithin = 72 * time.Hour

// mayArriveOn reports whether a message about the notice may have reached her on a day: handed over on it, or in the days
// before.
func (n Notice) mayArriveOn(day models.Date) bool {
	first, last := models.DateOf(day.Start().Add(-arrivesWithin)), day
	for _, d := range n.Tried {
		at := d.SubmittedAt
		if at.IsZero() && (d.State == Unknown || d.State == Delivered) {
			at = d.SettledAt
		}
		if on := models.DateOf(at); !at.IsZero() && on >= first && on <= last {
			return true
		}
	}
	return false
}

// pointed is a decimal point, which makes one sum of another.
var pointed = regexp.MustCompile(`(\d)[.．](\d)`)

// bare is a text without its signature, blanks and punctuation: phones and people change those when they copy.
func bare(text string) string {
	text = strings.TrimSpace(text)
	text = pointed.ReplaceAllString(strings.TrimPrefix(text, Signature), "${1}点${2}")
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// bodies are the texts in which a kind may have gone out: an older one goes out until a vendor approves the newer.
func (s *Service) bodies(ctx context.Context, spec Spec) ([]string, error) {
	if s.Filed == nil {
		return []string{spec.Text}, nil
	}
	filed, err := s.Filed.Bodies(ctx, spec.Kind)
	return append([]string{spec.Text}, filed...), err
}

// saidAs finds the text, of those in which a notice may have gone out, that is the asked one.
func (s *Service) saidAs(ctx context.Context, n Notice, current, asked string) (ours bool, as string, err error) {
	spec, known := SpecOf(n.Kind)
	if bare(current) == asked || !known {
		return bare(current) == asked, current, nil
	}
	bodies, err := s.bodies(ctx, spec)
	for _, body := range bodies {
		if as = spec.renderAs(body, n.Params); bare(as) == asked {
			return true, as, nil
		}
	}
	return false, "", err
}

// likeOurCode reports whether a text is that of a one-time code of ours, whatever its digits.
func (s *Service) likeOurCode(ctx context.Context, text string) (bool, error) {
	blank := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsNumber(r) {
				return '0'
			}
			return r
		}, s)
	}
	for _, spec := range specs {
		if !spec.Secret {
			continue
		}
		bodies, err := s.bodies(ctx, spec)
		if err != nil {
			return false, err
		}
		for _, body := range bodies {
			if blank(bare(spec.renderAs(body, map[string]string{"code": "000000"}))) == blank(text) {
				return true, nil
			}
		}
	}
	return false, nil
}

const saysAlways = "我们的短信不带链接,不要求转账、退款,也不索要密码和验证码;如有疑问请拨打12333。"

var saysOf = map[Verdict]string{
	VerdictOurs:     "这条内容与我们发给您的通知一致。" + saysAlways,
	VerdictCode:     "这是验证码短信的样式,验证码不留存,无法逐条核对。任何情况下都不要告诉任何人;如果不是您本人刚刚申请的,不必操作。" + saysAlways,
	VerdictNotFound: "在您最近的通知中没有找到这条内容。请不要点其中的链接,不要按它说的转账或回复验证码。" + saysAlways,
	VerdictCompare:  "以下是这一天可能送到您手机的通知,请逐字对照。验证码和办事指南短信不在其中;没有列出的请不要照着办,拨打12333核实。" + saysAlways,
}

// Senders are the numbers that our text messages come from, as vendors assigned them. A vendor may append digits.
type Senders []string

// SenderVerdict is what can be said of a sender's number.
type SenderVerdict string

// The verdicts on senders.
const (
	SenderListed    SenderVerdict = "listed"
	SenderNotListed SenderVerdict = "not_listed"
	SenderUnsure    SenderVerdict = "cannot_say" // no numbers are published
)

// Check answers whether a number is one that we send from. It knows nothing of any person. What is not a number is
// models.InvalidInput.
func (s Senders) Check(number string) (SenderVerdict, string, error) {
	number = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(strings.TrimSpace(number))
	number = strings.TrimPrefix(strings.TrimPrefix(number, "+86"), "0086")
	if len(number) < 5 || len(number) > 20 || strings.Trim(number, "0123456789") != "" {
		return "", "", models.InvalidInput(models.FieldError{Field: "sender", Code: "FORMAT", Message: "请填写短信上显示的完整发送号码。"})
	}
	verdict := SenderNotListed
	if len(s) == 0 {
		verdict = SenderUnsure
	}
	for _, ours := range s {
		if strings.HasPrefix(number, ours) {
			verdict = SenderListed
		}
	}
	return verdict, senderSays[verdict], nil
}

var senderSays = map[SenderVerdict]string{
	SenderListed:    "这是我们使用的发送号码,短信开头应是" + Signature + "。号码可能被冒用,请登录后在“我的通知”中核对内容。" + saysAlways,
	SenderNotListed: "这不是我们使用的发送号码。请不要点其中的链接,也不要回复;可登录后在“我的通知”中查看我们发过的通知。" + saysAlways,
	SenderUnsure:    "发送号码由短信服务商分配,暂时不能按号码判断。请登录后在“我的通知”中核对内容。" + saysAlways,
}
