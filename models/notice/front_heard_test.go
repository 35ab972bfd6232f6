package notice

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Who had blocked us and now writes is tried again; an event that the platform sends by itself says nothing of that.
func TestR62_WhoWritesToUsIsHeard(t *testing.T) {
	t.Parallel()
	for _, kind := range []MessageKind{MessageAsked, MessageTapped, MessageViewed, MessageScanned, MessageUnread} {
		f, fake := newFront(time.Minute)
		fake.heard = make(chan Follower, 1)
		m := message(kind)
		m.At = frontTime.Add(time.Hour)
		r, settled := received(m)
		_, err := f.Serve(t.Context(), r)
		require.NoError(t, err)
		require.True(t, <-settled)
		who := <-fake.heard
		require.Equal(t, "o1", who.OpenID, kind)
		require.Equal(t, frontTime, who.At, "a platform's clock ahead of ours outdates nothing")
	}
	for _, kind := range []MessageKind{MessageFollowed, MessageUnfollowed, MessageConsented, MessageSettled, MessageIgnored} {
		require.False(t, kind.byHerself(), kind)
	}
}
