package registry

import (
	"crypto/subtle"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// CommandRequest is what a client asks for. Times are the client's, the order of a card's commands is card_seq.
type CommandRequest struct {
	RequestID  string     `json:"request_id"`
	Kind       string     `json:"kind"` // loss, release, application, correction, withdrawal, replacement
	PersonRef  string     `json:"person_ref"`
	CardRef    string     `json:"card_ref,omitempty"`
	CardSeq    int64      `json:"card_seq,omitempty"`
	NotAfter   time.Time  `json:"not_after"`
	Channel    string     `json:"channel"`
	LossKind   string     `json:"loss_kind,omitempty"` // temporary, formal; empty: the registry decides
	ReportedAt *time.Time `json:"reported_at,omitempty"`
	// ApplicationRef is the application that a correction or withdrawal is about.
	ApplicationRef string             `json:"application_ref,omitempty"`
	Application    *ApplicationDetail `json:"application,omitempty"`
}

// CommandAnswer is the outcome of a command, the same whenever it is asked for.
type CommandAnswer struct {
	RequestID   string     `json:"request_id"`
	Kind        string     `json:"kind"`
	Outcome     string     `json:"outcome"`        // done, already, accepted, refused
	Code        string     `json:"code,omitempty"` // 00 done, 01 already done
	ReasonCode  string     `json:"reason_code,omitempty"`
	Reason      string     `json:"reason,omitempty"`
	Reference   string     `json:"reference,omitempty"`
	EffectiveAt *time.Time `json:"effective_at,omitempty"`
	ExpiresAt   *time.Time `json:"expires_at,omitempty"`
	LossKind    string     `json:"loss_kind,omitempty"`
	CardVersion int64      `json:"card_version,omitempty"`

	ApplicationVersion int64 `json:"application_version,omitempty"`
}

// CommandRecord is what the registry remembers of a command.
type CommandRecord struct {
	RequestID   string          `json:"request_id"`
	Fingerprint string          `json:"fingerprint"`
	CardRef     string          `json:"card_ref,omitempty"`
	CardSeq     int64           `json:"card_seq,omitempty"`
	Seen        bool            `json:"seen"` // its card_seq counts for the fence
	ReceivedAt  time.Time       `json:"received_at"`
	Request     *CommandRequest `json:"request"`
	Answer      CommandAnswer   `json:"answer"`
}

// Effect is one real change of an account made by a command or at the desk.
type Effect struct {
	RequestID string    `json:"request_id,omitempty"`
	Kind      string    `json:"kind"`
	CardRef   string    `json:"card_ref,omitempty"`
	Version   int64     `json:"version"`
	At        time.Time `json:"at"`
}

// rememberFor is how long request ids are de-duplicated.
const rememberFor = 7 * 24 * time.Hour

// command takes a command once: the same request id gives the first answer and no second effect.
func (r *Registry) command(k call) reply {
	var in CommandRequest
	if err := decode(k.body, &in); err != nil {
		return refusal(http.StatusBadRequest, "MALFORMED", err.Error())
	}
	if missing := in.missing(); missing != "" {
		return refusal(http.StatusBadRequest, "MALFORMED", missing)
	}
	fingerprint := in.fingerprint()
	r.asked[in.RequestID]++
	if rec := r.remembered(in.RequestID, k.now); rec != nil {
		if subtle.ConstantTimeCompare([]byte(rec.Fingerprint), []byte(fingerprint)) != 1 {
			return refusal(http.StatusConflict, "REQUEST_ID_REUSED", "this request id asked for something else")
		}
		return answer(http.StatusOK, rec.Answer)
	}
	rec := &CommandRecord{RequestID: in.RequestID, Fingerprint: fingerprint, CardRef: in.CardRef, CardSeq: in.CardSeq, ReceivedAt: k.now, Request: &in}
	c := r.decide(rec, k)
	c.Command = rec
	if err := r.commit(c); err != nil {
		return refusal(http.StatusServiceUnavailable, "BUSY", "not taken, try again")
	}
	return answer(http.StatusOK, rec.Answer)
}

// fingerprint is what a repeat of the same request id must agree in.
func (in CommandRequest) fingerprint() string {
	parts := []string{in.Kind, in.PersonRef, in.CardRef, strconv.FormatInt(in.CardSeq, 10), in.LossKind}
	if in.ApplicationRef != "" {
		parts = append(parts, in.ApplicationRef)
	}
	return contentSM3([]byte(strings.Join(parts, "|")))
}

func (in CommandRequest) missing() string {
	switch {
	case len(in.RequestID) < 8 || len(in.RequestID) > 64:
		return "request_id"
	case in.NotAfter.IsZero():
		return "not_after"
	case in.PersonRef == "":
		return "person_ref"
	case in.Channel == "":
		return "channel"
	case in.LossKind != "" && in.LossKind != "temporary" && in.LossKind != "formal":
		return "loss_kind"
	case in.Kind == "loss" || in.Kind == "release":
		if in.CardRef == "" || in.CardSeq < 1 {
			return "card_ref or card_seq"
		}
		return ""
	case in.Kind == "application", in.Kind == "correction":
		if in.Application == nil {
			return "application"
		}
		if in.Kind == "correction" && in.ApplicationRef == "" {
			return "application_ref"
		}
		return ""
	case in.Kind == "replacement":
		if in.CardRef == "" || in.Application == nil {
			return "card_ref or application"
		}
		return ""
	case in.Kind == "withdrawal":
		if in.ApplicationRef == "" {
			return "application_ref"
		}
		return ""
	}
	return "kind"
}

func (r *Registry) remembered(requestID string, now time.Time) *CommandRecord {
	rec := r.st.commands[requestID]
	if rec == nil || now.Sub(rec.ReceivedAt) > rememberFor {
		return nil
	}
	return rec
}

// decide fills in the answer and gives back what changes with it.
func (r *Registry) decide(rec *CommandRecord, k call) change {
	in := rec.Request
	rec.Answer = CommandAnswer{RequestID: in.RequestID, Kind: in.Kind}
	if k.now.After(in.NotAfter) {
		rec.refuse("EXPIRED", "超过了命令的最后期限")
		return change{}
	}
	if k.fault.Fault == FaultRefuse {
		rec.refuse(k.fault.Code, k.fault.Reason)
		return change{}
	}
	switch in.Kind {
	case "application":
		return r.takeApplication(rec, k.now)
	case "correction":
		return r.takeCorrection(rec, k.now)
	case "withdrawal":
		return r.takeWithdrawal(rec, k.now)
	case "replacement":
		return r.takeReplacement(rec, k.now)
	}
	card := r.st.cards.byID[in.CardRef]
	switch {
	case card == nil:
		rec.refuse("CARD_UNKNOWN", "没有这张卡")
		return change{}
	case card.PersonRef != in.PersonRef:
		rec.refuse("CARD_NOT_OF_PERSON", "卡与持卡人不一致")
		return change{}
	case r.fence && in.CardSeq < r.st.seenSeq[in.CardRef]:
		rec.refuse("SEQ_OLD", "这张卡已处理过更新的命令")
		return change{}
	}
	rec.Seen = true
	if k.fault.Fault == FaultAccept {
		rec.Answer.Outcome, rec.Answer.Reference = "accepted", r.reference("SL", k.now)
		return change{}
	}
	return r.execute(rec, card, k.now)
}

func (rec *CommandRecord) refuse(code, reason string) {
	rec.Answer.Outcome, rec.Answer.ReasonCode, rec.Answer.Reason = "refused", code, reason
}

// commandStatus answers what became of a request id.
func (r *Registry) commandStatus(k call) reply {
	rec := r.remembered(k.arg, k.now)
	if rec == nil {
		return refusal(http.StatusNotFound, "NEVER_HEARD", "no command with this request id within seven days")
	}
	return answer(http.StatusOK, rec.Answer)
}
