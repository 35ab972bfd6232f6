package api

import (
	"reflect"
	"strings"
)

// What is embedded in an answer has a name with a great letter: the document's reader passes over everything that is
// embedded under a small one, and a client would never learn of those fields. hiddenIn finds it when the server is built.
type (
	ApplicationReply = applicationReply
	ArrivalReply     = arrivalReply
	FeedbackReply    = feedbackReply
	LossReply        = lossReply
	MisuseReply      = misuseReply
	PhoneChangeReply = phoneChangeReply
	ProgrammeReply   = programmeReply
	ReadinessReply   = readinessReply
	ReplacementReply = replacementReply
)

// hiddenIn names the first embedded field of a request or an answer that the document does not show; empty: none.
func hiddenIn(t reflect.Type, seen map[reflect.Type]bool) string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] || !strings.HasPrefix(t.PkgPath()+"/", "onecard/") && t.Name() != "" {
		return ""
	}
	seen[t] = true
	for f := range t.Fields() {
		if !f.IsExported() {
			if f.Anonymous {
				return f.Name
			}
			continue
		}
		if name := hiddenIn(f.Type, seen); name != "" {
			return name
		}
	}
	return ""
}
