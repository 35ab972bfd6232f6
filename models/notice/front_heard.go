package notice

import (
	"context"
	"log/slog"

	"onecard/models"
	"onecard/models/audit"
)

// byHerself reports whether a message of this kind is something that a person just did in the account's window.
func (k MessageKind) byHerself() bool {
	switch k {
	case MessageAsked, MessageTapped, MessageViewed, MessageScanned, MessageUnread:
		return true
	}
	return false
}

// heard lets messages be tried again for somebody who had blocked them and now writes to us. It runs when the answer is
// on its way: where it fails, nothing but this is lost, and the next message does it.
func (f *Front) heard(ctx context.Context, m PlatformMessage) {
	if !m.Kind.byHerself() {
		return
	}
	defer func() {
		if recover() != nil {
			f.Log.LogAttrs(ctx, slog.LevelError, "noting who wrote to us panicked", slog.String("channel", string(m.Channel)))
		}
	}()
	now := f.Clock.Now()
	by := models.Actor{Kind: models.SystemActor, Channel: models.Channel(m.Channel)}
	err := f.Followers.InTx(ctx, func(ctx context.Context) error {
		account, person, changed, err := f.Followers.Heard(ctx, Follower{
			Channel: m.Channel, App: m.App, OpenID: m.From, UserID: m.UserID, Follows: true, At: earlier(m.At, now),
		})
		if err != nil || !changed {
			return err
		}
		return f.Followers.RecordAudit(ctx, audit.Of(by, now, "notice.account.heard", "platform_accounts", string(account), "done").About(person))
	})
	if err != nil {
		f.Log.LogAttrs(ctx, slog.LevelWarn, "who wrote to us was not noted", slog.String("channel", string(m.Channel)), slog.String("cause", err.Error()))
	}
}
