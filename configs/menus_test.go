package configs

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var answered = []string{"hotline", "ask"}

func TestTheShippedMenuMayBePublished(t *testing.T) {
	t.Parallel()
	menu, err := ReadMenu(ShippedMenu(), answered)
	require.NoError(t, err)
	lines := MenuLines(MenuAt("https://card.example", menu))
	require.Contains(t, lines, "1 1 我的卡 > 我的社保卡 -> https://card.example/m/card")
	require.Contains(t, lines, "3 4 帮助 > 12333热线 => hotline")
}

func TestAMenuIsHeldToBothPlatformsAndToOurOwnPages(t *testing.T) {
	t.Parallel()
	sub := func(n int) string {
		return `{"name":"a","sub":[` + strings.TrimSuffix(strings.Repeat(`{"name":"x","page":"/m/"},`, n), ",") + `]}`
	}
	for name, raw := range map[string]string{
		"1 to 3":          `[]`,
		"not 1 to 3":      `[{"name":"a","page":"/m/"},{"name":"b","page":"/m/"},{"name":"c","page":"/m/"},{"name":"d","page":"/m/"}]`,
		"more than 5":     `[` + sub(6) + `]`,
		"1 to 4 char":     `[{"name":"我的社保卡","page":"/m/"}]`,
		"1 to 8 char":     `[{"name":"a","sub":[{"name":"一二三四五六七八九","page":"/m/"}]}]`,
		"stands twice":    `[` + sub(2) + `]`,
		"not a path":      `[{"name":"a","page":"https://evil.example/m/"}]`,
		"a path on":       `[{"name":"a","page":"//evil.example/m/"}]`,
		"own site":        `[{"name":"a","page":"/m/../agent"}]`,
		"like /m/card":    `[{"name":"a","page":"/m/card?id=1"}]`,
		"not answered":    `[{"name":"a","word":"delete"}]`,
		"one of them":     `[{"name":"a","word":"ask","page":"/m/"}]`,
		"to a page or":    `[{"name":"a"}]`,
		"no page or word": `[{"name":"a","page":"/m/","sub":[{"name":"b","page":"/m/"}]}]`,
		"second line":     `[{"name":"a","sub":[{"name":"b","sub":[{"name":"c","page":"/m/"}]}]}]`,
		"not a list":      `{"name":"a"}`,
		"unknown field":   `[{"name":"a","url":"https://evil.example"}]`,
		"behind the list": `[{"name":"a","page":"/m/"}] x`,
	} {
		_, err := ReadMenu([]byte(raw), answered)
		require.ErrorContains(t, err, name, raw)
	}
}

func TestServerMessagesNeedTokenAndKeyAndProductionNeedsBoth(t *testing.T) {
	t.Parallel()
	c := Dev(t.TempDir())
	require.NoError(t, c.Validate())
	c.Wechat.Apps[1].EncodingAESKey = NewSecret("short")
	require.ErrorContains(t, c.Validate(), "wechat.apps.1.encoding_aes_key")
	c = Dev(t.TempDir())
	c.Wechat.Apps[1].ServerToken = Secret{}
	require.ErrorContains(t, c.Validate(), "wechat.apps.1.server_token")
	c.Wechat.Apps[1].EncodingAESKey = Secret{}
	require.NoError(t, c.Validate(), "an app may hear nothing")
	c.Wechat.MessageBudget = longestBudget + 1
	require.ErrorContains(t, c.Validate(), "wechat.message_budget")
	found := Findings{}
	c.messagesInProduction(&found)
	require.ErrorContains(t, found.err(), "wechat.apps.1.server_token")
}
