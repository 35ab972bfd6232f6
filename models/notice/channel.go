package notice

import (
	"slices"

	"onecard/models"
)

// Channel is a way to reach a person. The platforms' words are those of models.Channel.
type Channel string

// The channels. Every notice is in the inbox besides.
const (
	SMS        Channel = "sms"
	WechatMini         = Channel(models.WechatMini) // subscription message (订阅消息)
	WechatOA           = Channel(models.WechatOA)   // template message to a follower (模板消息)
	AlipayMini         = Channel(models.AlipayMini) // template message of the mini-program
	AlipayLife         = Channel(models.AlipayLife) // message of the life account
)

// Platforms are the channels of platforms, in the order in which they are tried.
var Platforms = []Channel{WechatMini, AlipayMini, WechatOA, AlipayLife}

// Followed reports whether the channel writes to who follows an account, and not by a consent to a topic.
func (c Channel) Followed() bool { return c == WechatOA || c == AlipayLife }

// Known reports whether this release knows the channel.
func (c Channel) Known() bool { return c == SMS || slices.Contains(Platforms, c) }
