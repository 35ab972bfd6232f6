package notice

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestThePlatformsWordForTheEndOfAMessageIsRead(t *testing.T) {
	t.Parallel()
	// Source: developers.weixin.qq.com, 模板消息接口 (TEMPLATESENDJOBFINISH) and 订阅消息 (subscribe_msg_sent_event).
	for status, want := range map[string]string{
		"failed:user block": CodeUserBlock, "failed: system failed": "failed_system_failed", "user refuse to accept the msg": CodeUserRefuse,
		"": "failed", "微信的一句话": "failed", strings.Repeat("x", 90): "failed",
	} {
		delivered, code := MessageEnd(status)
		require.False(t, delivered)
		require.Equal(t, want, code, status)
	}
	for _, status := range []string{"success", "SUCCESS", "ok"} {
		delivered, code := MessageEnd(status)
		require.True(t, delivered)
		require.Empty(t, code)
	}
}
