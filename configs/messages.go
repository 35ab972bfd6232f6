package configs

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"time"
)

var (
	serverTokenForm = regexp.MustCompile(`^[A-Za-z0-9]{3,32}$`)
	messageKeyForm  = regexp.MustCompile(`^[A-Za-z0-9]{43}$`)
	appNameForm     = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)
)

// longestBudget leaves time on the way: the platform gives up after 5 s.
const longestBudget = 4 * time.Second

// serverMessages checks what a platform's servers are known by. A token without a key would mean plain text.
func (c Config) serverMessages(found *Findings) {
	for i, a := range c.Wechat.Apps {
		at, token, key := fmt.Sprintf("wechat.apps.%d.", i), a.ServerToken, a.EncodingAESKey
		if !token.IsSet() && !key.IsSet() {
			continue
		}
		if !serverTokenForm.MatchString(token.Reveal()) {
			found.add(at+"server_token", "must have 3 to 32 letters and digits, as in the platform's console")
		}
		if _, err := base64.StdEncoding.DecodeString(key.Reveal() + "="); err != nil || !messageKeyForm.MatchString(key.Reveal()) {
			found.add(at+"encoding_aes_key", "must have 43 letters and digits, as in the platform's console; messages are taken only encrypted")
		}
		if !appNameForm.MatchString(a.Name) {
			found.add(at+"name", "becomes part of an address: small letters, digits, dashes")
		}
	}
	for key, budget := range map[string]time.Duration{"wechat.message_budget": c.Wechat.MessageBudget, "alipay.message_budget": c.Alipay.MessageBudget} {
		if budget > longestBudget {
			found.add(key, "must be 4s or less; the platform waits 5s for its answer")
		}
	}
}

// messagesInProduction: an official account that hears nothing cannot tell who follows it.
func (c Config) messagesInProduction(found *Findings) {
	for i, a := range c.Wechat.Apps {
		if a.Kind == "oa" && (!a.ServerToken.IsSet() || !a.EncodingAESKey.IsSet()) {
			found.add(fmt.Sprintf("wechat.apps.%d.server_token", i), "and encoding_aes_key must be set for an official account: without them nobody hears who follows it")
		}
	}
}
