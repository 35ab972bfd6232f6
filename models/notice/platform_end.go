package notice

import (
	"regexp"
	"strings"
)

var failedWord = regexp.MustCompile(`[^a-z0-9]+`)

// MessageEnd reads WeChat's word for the end of a message: ErrorStatus of subscribe_msg_sent_event, Status of
// TEMPLATESENDJOBFINISH ("success", "failed:user block", "failed: system failed").
func MessageEnd(status string) (delivered bool, code string) {
	word := strings.ToLower(strings.TrimSpace(status))
	switch {
	case word == "success" || word == "ok":
		return true, ""
	case strings.Contains(word, "user block"):
		return false, CodeUserBlock
	case strings.Contains(word, "user refuse") || strings.Contains(word, "reject"):
		return false, CodeUserRefuse
	}
	code = strings.Trim(failedWord.ReplaceAllString(word, "_"), "_")
	if code == "" || len(code) > 40 {
		code = "failed"
	}
	return false, code
}
