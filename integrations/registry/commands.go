package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"onecard/models"
	"onecard/models/card"
)

const jsonType = "application/json"

func encode(v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("registry: %w", err)
	}
	return body, nil
}

// Carry tells the registry one command. The same request id twice has one effect. card.ErrNotSent when it surely was
// not taken; any other error leaves its fate unknown: ask with Asked before sending again.
func (c *Cards) Carry(ctx context.Context, cmd card.Command, application *card.Application) (card.Answer, error) {
	w := wireCommand{RequestID: string(cmd.ID), Kind: wireKind(cmd.Kind), PersonRef: string(cmd.PersonRef), CardRef: string(cmd.CardRef),
		CardSeq: cmd.CardSeq, NotAfter: cmd.NotAfter, Channel: string(cmd.Channel)}
	if cmd.LossKind != card.LossAsRegistry && cmd.Kind == card.CommandLoss {
		w.LossKind = string(cmd.LossKind)
	}
	if slices.Contains([]card.CommandKind{card.CommandCorrection, card.CommandWithdrawal, card.CommandReplacementCorrection, card.CommandReplacementWithdrawal}, cmd.Kind) {
		if application == nil || application.RegistryRef == "" {
			return card.Answer{}, &CallError{Source: c.name, Op: "commands", Code: "REFERENCE_MISSING", fate: ErrNotSent}
		}
		w.ApplicationRef = application.RegistryRef
	}
	if slices.Contains([]card.CommandKind{card.CommandApplication, card.CommandCorrection, card.CommandReplacement, card.CommandReplacementCorrection}, cmd.Kind) {
		s, err := c.submission(ctx, cmd, application)
		if err != nil {
			return card.Answer{}, err
		}
		w.Application = s
	}
	body, err := encode(w)
	if err != nil {
		return card.Answer{}, err
	}
	var a wireAnswer
	q := question{op: "commands", lane: laneOf(cmd.Kind), method: http.MethodPost, path: "/v1/commands", body: body, ctype: jsonType}
	if err := c.askJSON(ctx, q, &a); err != nil {
		return card.Answer{}, err
	}
	return c.verdict(q, a)
}

// Asked returns the answer to an earlier command, or card.ErrNeverHeard.
func (c *Cards) Asked(ctx context.Context, requestID models.ID) (card.Answer, error) {
	var a wireAnswer
	q := question{op: "command_status", lane: LossLane, method: http.MethodGet, path: "/v1/commands/" + url.PathEscape(string(requestID))}
	if err := c.askJSON(ctx, q, &a); err != nil {
		if answered(err, "NEVER_HEARD") {
			return card.Answer{}, card.ErrNeverHeard
		}
		return card.Answer{}, err
	}
	return c.verdict(q, a)
}

// wireKind is the registry's word for a command: a correction and a withdrawal are one whatever they are about.
func wireKind(k card.CommandKind) string {
	switch k {
	case card.CommandReplacementCorrection:
		k = card.CommandCorrection
	case card.CommandReplacementWithdrawal:
		k = card.CommandWithdrawal
	}
	return string(k)
}

func laneOf(k card.CommandKind) Lane {
	switch k {
	case card.CommandLoss:
		return LossLane
	case card.CommandRelease:
		return ReleaseLane
	}
	return BindingLane
}

// verdict reads an answer. An outcome we do not know tells nothing: the fate stays unknown. A loss or release that was
// only taken in is not done: nobody may be told so, and the next question tells.
func (c *Cards) verdict(q question, w wireAnswer) (card.Answer, error) {
	a := card.Answer{Outcome: card.Outcome(w.Outcome), Code: w.Code, Reference: w.Reference, EffectiveAt: orZero(w.EffectiveAt),
		ExpiresAt: orZero(w.ExpiresAt), CardVersion: w.CardVersion, ApplicationVersion: w.ApplicationVersion}
	switch a.Outcome {
	case card.OutcomeDone, card.OutcomeAlready:
		return a, nil
	case card.OutcomeRefused:
		a.Code = w.ReasonCode
		return a, nil
	case card.OutcomeAccepted:
		if slices.Contains([]card.CommandKind{card.CommandApplication, card.CommandCorrection, card.CommandReplacement}, card.CommandKind(w.Kind)) {
			return a, nil
		}
	}
	return card.Answer{}, &CallError{Source: c.name, Op: q.op, Status: http.StatusOK, Code: "OUTCOME_OPEN", fate: ErrUnknownFate}
}

// submission uploads the pictures of an application and writes the rest of it. Until the command itself leaves,
// nothing was asked of the registry: every failure here is card.ErrNotSent.
func (c *Cards) submission(ctx context.Context, cmd card.Command, a *card.Application) (*wireSubmission, error) {
	notSent := func(what string) error {
		return &CallError{Source: c.name, Op: "attachments", Code: what, fate: ErrNotSent}
	}
	if a == nil {
		return nil, notSent("APPLICATION_MISSING")
	}
	applicant := cmd.PersonRef
	if a.ApplicantID != "" && a.ApplicantID != a.PersonID {
		var err error
		if applicant, err = c.persons.PersonRef(ctx, a.ApplicantID); err != nil {
			return nil, notSent("APPLICANT_UNKNOWN")
		}
	}
	w := &wireSubmission{BusinessType: businessType(a), ReplaceReason: string(a.Replaces), ApplicantRef: string(applicant), BankCode: a.BankCode, OutletRef: a.OutletRef,
		Attachments: make(map[string]string, len(a.Uploads))}
	for purpose, id := range a.Uploads {
		picture, err := c.pictures.Picture(ctx, id)
		if err != nil {
			return nil, &CallError{Source: c.name, Op: "attachments", Code: "PICTURE_UNREADABLE", fate: card.ErrPictureUnreadable}
		}
		sum, err := c.Attach(ctx, picture)
		if err != nil {
			return nil, notSent("PICTURE_NOT_TAKEN")
		}
		w.Attachments[string(purpose)] = sum
	}
	return w, nil
}

// businessType is new, lost replacement or exchange, in the codes of the card-management system.
func businessType(a *card.Application) string {
	switch a.Replaces {
	case "":
		return "01"
	case card.ReasonLost:
		return "05"
	}
	return "06"
}

// Attach hands a picture over under its SHA-256. Doing it again changes nothing.
func (c *Cards) Attach(ctx context.Context, picture []byte) (sha string, err error) {
	sum := sha256.Sum256(picture)
	sha = hex.EncodeToString(sum[:])
	q := question{op: "attachments", lane: BindingLane, method: http.MethodPut, path: "/v1/attachments/" + sha, body: picture, ctype: "application/octet-stream"}
	_, err = c.ask(ctx, q)
	return sha, err
}
