package configs

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMessageTemplatesAreCheckedByTopic(t *testing.T) {
	t.Parallel()
	c := Dev(t.TempDir())
	require.NoError(t, c.AtDesk("http://127.0.0.1:1").Validate())
	got := c.Wechat.Apps[0].Templates.ByTopic()
	require.Len(t, got, 9)
	require.Equal(t, "DEMO_LOSS", got["loss"].ID)

	c.Wechat.Apps[0].Templates.Loss = "AbC_1-2 thing3 phrase1 thing4 thing9"
	require.Equal(t, MessageTemplate{"AbC_1-2", []string{"thing3", "phrase1", "thing4", "thing9"}}, c.Wechat.Apps[0].Templates.ByTopic()["loss"])
	require.NoError(t, c.AtDesk("http://127.0.0.1:1").Validate())

	for want, spoil := range map[string]func(*Config){
		"wechat.apps.0.templates.fees":   func(c *Config) { c.Wechat.Apps[0].Templates.Fees = c.Wechat.Apps[0].Templates.Progress },
		"alipay.apps.1.templates.loss":   func(c *Config) { c.Alipay.Apps[1].Templates.Loss = "an id with 汉字" },
		"wechat.apps.0.page":             func(c *Config) { c.Wechat.Apps[0].Page = "/pages/x?openid=1" },
		"wechat.apps.1.opens":            func(c *Config) { c.Wechat.Apps[1].Opens = "wx-of-nobody" },
		"wechat.apps.0.opens":            func(c *Config) { c.Wechat.Apps[0].Opens = c.Wechat.Apps[0].AppID },
		"alipay.apps.0.page":             func(c *Config) { c.Alipay.Apps[0].Page = "https://evil.test" },
		"wechat.apps.0.templates.payday": func(c *Config) { c.Mode = ModeProduction },
	} {
		c := Dev(t.TempDir()).AtDesk("http://127.0.0.1:1")
		spoil(&c)
		require.ErrorContains(t, c.Validate(), want)
	}
}
