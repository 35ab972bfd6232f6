package notice

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"onecard/models"
	"onecard/models/audit"
)

// Front is what our accounts on platforms (公众号, 生活号) do with what comes to them: it notes who follows, answers
// questions out of the knowledge base and passes on what the platform tells of our messages. What a person writes is
// neither logged nor kept.
type Front struct{ FrontPorts }

// FrontPorts are what the front needs of others.
type FrontPorts struct {
	Followers Followers
	Answers   Answers
	Scenes    Scenes
	Told      PlatformTold // nil: nothing is sent on platforms, so nothing is told of it
	Clock     models.Clock
	Log       *slog.Logger
	Pages     string        // our own origin, before every link
	Budget    time.Duration // how long a platform's request waits for the work
}

// Followers keeps who follows which account of ours.
type Followers interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	RecordAudit(ctx context.Context, e audit.Entry) error
	// NoteFollower writes that an account follows us, or does not any more, unless something newer is known. The first
	// to follow makes the account's row; who leaves without one leaves nothing behind. changed: the row says something
	// else now.
	NoteFollower(ctx context.Context, f Follower) (account, person models.ID, changed bool, err error)
	// Heard notes that an account did something of its own. If it had blocked or refused messages before that, they are
	// tried again; nothing else changes.
	Heard(ctx context.Context, f Follower) (account, person models.ID, changed bool, err error)
}

// Follower is one account's word. Its open id is never logged.
type Follower struct {
	Channel Channel
	App     string
	OpenID  string
	UserID  string
	Follows bool
	At      time.Time // the platform's
}

// Answers finds what the knowledge base says to a question, best first. The question is kept nowhere.
type Answers interface {
	Answers(ctx context.Context, question string, most int) ([]FoundAnswer, error)
}

// FoundAnswer is one article.
type FoundAnswer struct{ ID, Question, Answer string }

// Scenes knows the codes that hang at outlets and stand on posters of programmes. false: no code of ours.
type Scenes interface {
	Scene(ctx context.Context, kind, ref string) (Place, bool, error)
}

// Place is where a scanned code leads. Page is a path of ours.
type Place struct{ Title, Line, Page string }

// PlatformTold takes what a platform tells of consents to our messages and of what became of them.
type PlatformTold interface {
	TakeConsents(ctx context.Context, m PlatformMessage) error
	TakePlatformReceipt(ctx context.Context, m PlatformMessage) error
}

// Limits of an answer.
const (
	mostAnswers   = 3
	longestAnswer = 600             // characters; platforms take 2,048 bytes
	workTime      = 4 * time.Second // platforms repeat after five
)

// Serve takes a message within the budget that its platform leaves us, and gives the text to answer with. Where the
// work takes longer it goes on: a question is then acknowledged without an answer, while what leaves a row behind is
// ErrMessageBusy, so that the platform brings it again and finds it done. Such a message may wait for longer (Wait): a
// platform that repeats only what got no answer has nothing to gain from an early refusal.
func (f *Front) Serve(ctx context.Context, r Received) (string, error) {
	if r.Again {
		return "", nil
	}
	type outcome struct {
		text string
		err  error
	}
	done := make(chan outcome, 1)
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), workTime)
	go func() {
		defer cancel()
		text, err := f.safely(work, r)
		r.Settle(work, err == nil)
		done <- outcome{text, err}
		f.heard(work, r.PlatformMessage)
	}()
	patience := f.Budget
	if r.Kind.Changes() {
		patience = max(patience, r.Wait)
	}
	wait := time.NewTimer(patience)
	defer wait.Stop()
	select {
	case o := <-done:
		return o.text, o.err
	case <-wait.C:
	}
	if r.Kind.Changes() {
		return "", ErrMessageBusy.After(5 * time.Second)
	}
	return "", nil
}

// safely turns a panic into an error: nobody above this goroutine would.
func (f *Front) safely(ctx context.Context, r Received) (text string, err error) {
	defer func() {
		if p := recover(); p != nil {
			text, err = "", errors.New("notice: taking a platform's message panicked")
		}
		if err != nil {
			f.Log.LogAttrs(ctx, slog.LevelError, "a platform's message was not taken", slog.String("channel", string(r.Channel)),
				slog.String("kind", string(r.Kind)), slog.String("cause", err.Error()))
		}
	}()
	if text, err = f.Take(ctx, r.PlatformMessage); err != nil || text == "" || r.Say == nil {
		return text, err
	}
	if sayErr := r.Say(ctx, text); sayErr != nil { // what she did is noted; only the answer is lost, and is not tried again
		f.Log.LogAttrs(ctx, slog.LevelWarn, "an answer on a platform was not sent", slog.String("channel", string(r.Channel)),
			slog.String("cause", sayErr.Error()))
	}
	return "", nil
}

// Take does what a message asks for and gives what to answer; empty: nothing.
func (f *Front) Take(ctx context.Context, m PlatformMessage) (string, error) {
	switch m.Kind {
	case MessageFollowed:
		if err := f.note(ctx, m, true); err != nil {
			return "", err
		}
		return f.welcome(ctx, m.Scene, frontGreeting)
	case MessageUnfollowed:
		return "", f.note(ctx, m, false)
	case MessageAsked:
		return f.answer(ctx, m.Text)
	case MessageTapped:
		if text, ours := frontWords[m.Word]; ours {
			return text, nil
		}
		return frontHowToAsk, nil // a button of an older menu
	case MessageScanned:
		return f.welcome(ctx, m.Scene, frontHowToAsk)
	case MessageUnread:
		return frontUnread, nil
	case MessageConsented:
		if f.Told != nil {
			return "", f.Told.TakeConsents(ctx, m)
		}
	case MessageSettled:
		if f.Told != nil {
			return "", f.Told.TakePlatformReceipt(ctx, m)
		}
	}
	return "", nil
}

// note commits that somebody follows us or does not any more. Copies and older words change nothing and leave no row.
func (f *Front) note(ctx context.Context, m PlatformMessage, follows bool) error {
	now := f.Clock.Now()
	action := "notice.account.unfollowed"
	if follows {
		action = "notice.account.followed"
	}
	by := models.Actor{Kind: models.SystemActor, Channel: models.Channel(m.Channel)}
	return f.Followers.InTx(ctx, func(ctx context.Context) error {
		account, person, changed, err := f.Followers.NoteFollower(ctx, Follower{
			Channel: m.Channel, App: m.App, OpenID: m.From, UserID: m.UserID, Follows: follows, At: earlier(m.At, now),
		})
		if err != nil || !changed {
			return err
		}
		return f.Followers.RecordAudit(ctx, audit.Of(by, now, action, "platform_accounts", string(account), "done").About(person))
	})
}

func earlier(a, b time.Time) time.Time {
	if a.After(b) {
		return b
	}
	return a
}

// welcome says where a scanned code leads; what is no code of ours is as good as none.
func (f *Front) welcome(ctx context.Context, scene, otherwise string) (string, error) {
	kind, ref, ok := strings.Cut(scene, "_")
	if !ok || ref == "" || len(scene) > 64 || f.Scenes == nil {
		return otherwise, nil
	}
	place, known, err := f.Scenes.Scene(ctx, kind, ref)
	if err != nil || !known {
		return otherwise, err
	}
	lines := []string{"您扫的是:" + place.Title}
	if place.Line != "" {
		lines = append(lines, place.Line)
	}
	return strings.Join(append(lines, "查看详情:"+f.Pages+place.Page, frontMore), "\n"), nil
}

// answer finds at most three articles: the best in full, the others as links to our own pages.
func (f *Front) answer(ctx context.Context, question string) (string, error) {
	if strings.TrimSpace(question) == "12333" {
		return frontHotline, nil
	}
	if looksPersonal(question) {
		return frontPersonal, nil
	}
	if strings.TrimSpace(question) == "" {
		return frontHowToAsk, nil
	}
	found, err := f.Answers.Answers(ctx, question, mostAnswers)
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return frontNothing, nil
	}
	text := found[0].Question + "\n" + found[0].Answer
	if utf8.RuneCountInString(text) > longestAnswer/2 {
		text = found[0].Question + "\n" + f.link(found[0])
	}
	for i, a := range found[1:] {
		line := fmt.Sprintf("\n\n%d. %s\n%s", i+1, a.Question, f.link(a))
		if i == 0 {
			line = "\n\n您可能还想问:" + line[1:]
		}
		if utf8.RuneCountInString(text+line) > longestAnswer {
			break
		}
		text += line
	}
	return text, nil
}

func (f *Front) link(a FoundAnswer) string { return f.Pages + "/m/faqs/" + url.PathEscape(a.ID) }
