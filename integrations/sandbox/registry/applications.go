package registry

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// ApplicationDetail is what a first application says beyond who asks.
type ApplicationDetail struct {
	BusinessType string `json:"business_type"` // 01 new, 05 lost replacement, 06 exchange
	ApplicantRef string `json:"applicant_ref"` // the person, or a guardian of a person under 16
	// ReplaceReason is lost, damaged, expired or data_wrong: of replacements only.
	ReplaceReason string            `json:"replace_reason,omitempty"`
	BankCode      string            `json:"bank_code"`
	OutletRef     string            `json:"outlet_ref"`
	Phone         string            `json:"phone,omitempty"`
	Address       string            `json:"address,omitempty"`
	Occupation    string            `json:"occupation,omitempty"`
	DocumentFrom  string            `json:"document_from,omitempty"` // validity of the ID document
	DocumentTo    string            `json:"document_to,omitempty"`
	Attachments   map[string]string `json:"attachments"` // photo, id_front, id_back, … → SHA-256 of an attachment
}

// takeApplication takes an application in, or says why not.
func (r *Registry) takeApplication(rec *CommandRecord, now time.Time) change {
	in, d := rec.Request, rec.Request.Application
	p := r.st.persons.byID[in.PersonRef]
	if p == nil || p.MergedInto != "" {
		rec.refuse("PERSON_UNKNOWN", "没有这个人员")
		return change{}
	}
	if code, reason := r.obstacle(p, d, "", now); code != "" {
		rec.refuse(code, reason)
		return change{}
	}
	a := &Application{Ref: r.reference("SQ", now), RequestID: in.RequestID, PersonRef: p.Ref, ApplicantRef: d.ApplicantRef, BusinessType: "01",
		Status: "00", BankCode: d.BankCode, OutletRef: d.OutletRef, PromisedDays: promisedDays, Version: 1, ChangedAt: now,
		AZ03: AZ03{ApplyTime: now, ValidTag: "1"}}
	rec.Answer.Outcome, rec.Answer.Reference, rec.Answer.ApplicationVersion = "accepted", a.Ref, a.Version
	return change{Events: []event{happened(a, "application.accepted")}, Effect: &Effect{RequestID: in.RequestID, Kind: "application", Version: 1, At: now}}
}

// obstacle names the first reason for which an application cannot be taken; except is the one being put right.
func (r *Registry) obstacle(p *Person, d *ApplicationDetail, except string, now time.Time) (code, reason string) {
	day := dayOf(now)
	for _, ref := range r.st.cardsOf[p.Ref] {
		if c := r.st.cards.byID[ref]; c.End == nil {
			return "CARD_EXISTS", "已持有社会保障卡"
		}
	}
	if code, reason := r.placeObstacle(p, d, except, day); code != "" {
		return code, reason
	}
	if d.ApplicantRef != p.Ref && !(ageOn(p.BirthDate, now) < 16 && containsString(p.GuardianRefs, d.ApplicantRef)) {
		return "APPLICANT_NOT_ENTITLED", "申请人不是本人或监护人"
	}
	if d.Attachments["photo"] == "" {
		return "PHOTO_REQUIRED", "缺少照片"
	}
	return r.attachmentObstacle(d)
}

// placeObstacle looks at what every order of a card names: nothing else under way, a bank and an outlet that serve.
func (r *Registry) placeObstacle(p *Person, d *ApplicationDetail, except, day string) (code, reason string) {
	for _, id := range r.st.applications.order {
		if a := r.st.applications.byID[id]; a.PersonRef == p.Ref && a.open() && a.Ref != except {
			return "APPLICATION_OPEN", "已有一份申请正在办理"
		}
	}
	if b := r.st.banks.byID[d.BankCode]; b == nil || !covers(b.CardService, city410300, day) {
		return "BANK_NOT_AVAILABLE", "该银行不办理本市社会保障卡"
	}
	if o := r.st.outlets.byID[d.OutletRef]; o == nil || !o.Open {
		return "OUTLET_UNKNOWN", "没有这个领卡网点"
	}
	return "", ""
}

func (r *Registry) attachmentObstacle(d *ApplicationDetail) (code, reason string) {
	for _, sum := range d.Attachments {
		if _, ok := r.st.attachments[sum]; !ok {
			return "ATTACHMENT_MISSING", "附件尚未上传"
		}
	}
	return "", ""
}

func (a *Application) open() bool { return a.AZ03.ValidTag == "1" && a.AZ03.GetTime == nil }

func containsString(in []string, s string) bool {
	for _, v := range in {
		if v == s {
			return true
		}
	}
	return false
}

// attach keeps an uploaded image under its SHA-256; the same upload again changes nothing.
func (r *Registry) attach(k call) reply {
	sum := sha256.Sum256(k.body)
	if hex.EncodeToString(sum[:]) != k.arg {
		return refusal(http.StatusBadRequest, "DIGEST_MISMATCH", "the body is not what its address says")
	}
	if !bytes.HasPrefix(k.body, []byte("\xff\xd8\xff")) && !bytes.HasPrefix(k.body, []byte("\x89PNG\r\n\x1a\n")) {
		return refusal(http.StatusUnsupportedMediaType, "NOT_AN_IMAGE", "JPEG or PNG")
	}
	if _, ok := r.st.attachments[k.arg]; !ok {
		err := r.keepAttachment(k.arg, k.body)
		if err == nil {
			err = r.commit(change{Attachment: k.arg, Size: len(k.body)})
		}
		if err != nil {
			return refusal(http.StatusServiceUnavailable, "BUSY", "not taken, try again")
		}
	}
	return answer(http.StatusOK, map[string]any{"sha256": k.arg, "size": len(k.body)})
}

func (r *Registry) keepAttachment(name string, body []byte) error {
	if r.opts.Dir == "" {
		return nil
	}
	dir := filepath.Join(r.opts.Dir, "attachments")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("attachments: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, name), body, 0o600) // the name is 64 hex digits: it was compared with a digest
}
