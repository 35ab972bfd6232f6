package subsidy

import "regexp"

var creditCause = regexp.MustCompile(`^credit:(.+)/\d+:`)

// BatchOfCause is the batch of the payment that a notice is about, read out of the notice's cause; empty where it is about
// none. Who pays for a message is who pays the batch.
func BatchOfCause(cause string) string {
	if m := creditCause.FindStringSubmatch(cause); m != nil {
		return m[1]
	}
	return ""
}
