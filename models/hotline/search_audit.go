package hotline

import (
	"context"
	"errors"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// auditDays is the longest window of one search: an auditor follows a trace and does not leaf through the city.
const auditDays = 31

// Refusals of the auditors' search.
var (
	ErrAuditFilter = models.NewError(models.Invalid, "AUDIT_FILTER_REQUIRED", "请填写人员、通话、受理编号中的一项再查询;审计不支持按姓名或证件号码查找,如有疑问请联系12333技术支持。")
	ErrAuditWindow = models.NewError(models.Invalid, "AUDIT_WINDOW", "查询的起止日期不正确,或超过31天,请缩小范围后分次查询;如有疑问请联系12333技术支持。")
)

// AuditSearch asks for the trace of one member of staff, of one call, or about one person, who is named by a receipt number
// or a call and never by a name.
type AuditSearch struct {
	Staff        string // login or id
	CallID       models.ID
	Receipt      string
	PersonOfCall models.ID
	From, To     models.Date // civil days, both counted
	Before       models.ID
	Limit        int
}

// AuditQuery is the search as the store reads it; empty parts ask for nothing.
type AuditQuery struct {
	StaffID, CallID models.ID
	People          []models.ID // one person: her record and those that were merged with it
	From, Until     time.Time   // Until is not counted
	Before          models.ID
	Limit           int
}

// AuditTrail reads what was audited.
type AuditTrail interface {
	SearchAudit(ctx context.Context, q AuditQuery) ([]audit.Entry, error) // newest first
	// PersonOfReceipt is about whom a receipt is: of a loss report, application, replacement or enquiry; models.ErrNotFound.
	PersonOfReceipt(ctx context.Context, receipt string) (models.ID, error)
	// SamePerson is a record with all that were merged with it, the one that is left first.
	SamePerson(ctx context.Context, id models.ID) ([]models.ID, error)
}

// AuditLine is one entry as an auditor sees it: codes, and the login of who of the staff it was.
type AuditLine struct {
	audit.Entry
	Login string
}

// SearchAudit is for auditors alone, and each page is audited itself, in the same commit; who searches about a person stands
// in the log that she reads. A person is all the records that were merged into one. ErrAuditFilter, ErrAuditWindow; models.ErrNotFound for a reference that leads to nobody.
func (s *Service) SearchAudit(ctx context.Context, by models.Actor, in AuditSearch) ([]AuditLine, error) {
	by = staffOnly(by)
	if _, err := s.member(ctx, by, MayReadAudit); err != nil {
		return nil, err
	}
	q, err := in.window()
	if err != nil {
		return nil, err
	}
	var lines []AuditLine
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		by, notes, err := s.auditAbout(ctx, by, in, &q)
		if err != nil {
			return err
		}
		found, err := s.Trail.SearchAudit(ctx, q)
		if err != nil {
			return err
		}
		if lines, err = s.withLogins(ctx, found); err != nil {
			return err
		}
		notes = append(notes, "from", string(in.From), "to", string(in.To))
		return s.record(ctx, by, "hotline.audit.searched", "audit_entries", "", "shown", notes...)
	})
	return lines, err
}

func (in AuditSearch) window() (AuditQuery, error) {
	for _, day := range []models.Date{in.From, in.To} {
		if _, err := models.ParseDate(string(day)); err != nil {
			return AuditQuery{}, ErrAuditWindow
		}
	}
	from, to := in.From.Start(), in.To.Start()
	if to.Before(from) || to.Sub(from) >= auditDays*24*time.Hour {
		return AuditQuery{}, ErrAuditWindow
	}
	return AuditQuery{From: from, Until: to.AddDate(0, 0, 1), Before: in.Before, Limit: in.Limit}, nil
}

// auditAbout turns references into ids. About a person, the entry of the search names her.
func (s *Service) auditAbout(ctx context.Context, by models.Actor, in AuditSearch, q *AuditQuery) (models.Actor, []string, error) {
	var notes []string
	if in.Staff != "" {
		m, err := s.findStaff(ctx, in.Staff)
		if err != nil {
			return by, nil, err
		}
		q.StaffID, notes = m.ID, append(notes, "staff", string(m.ID))
	}
	if in.CallID != "" {
		q.CallID, notes = in.CallID, append(notes, "call", string(in.CallID))
	}
	var person models.ID
	var err error
	switch {
	case in.Receipt != "" && in.PersonOfCall != "":
		return by, nil, ErrAuditFilter
	case in.Receipt != "":
		if !models.ValidReceiptNumber(strings.TrimSpace(in.Receipt)) {
			return by, nil, models.ErrNotFound
		}
		person, err = s.Trail.PersonOfReceipt(ctx, strings.TrimSpace(in.Receipt))
		notes = append(notes, "person_by", "receipt")
	case in.PersonOfCall != "":
		person, err = s.personOfAnyCall(ctx, in.PersonOfCall)
		notes = append(notes, "person_by", "call")
	}
	if err != nil {
		return by, nil, err
	}
	if len(notes) == 0 {
		return by, nil, ErrAuditFilter
	}
	if person == "" {
		return by, notes, nil
	}
	if q.People, err = s.Trail.SamePerson(ctx, person); err != nil {
		return by, nil, err
	}
	by.Subject = q.People[0] // who reads her log today
	return by, notes, nil
}

func (s *Service) personOfAnyCall(ctx context.Context, id models.ID) (models.ID, error) {
	call, err := s.Calls.CallByID(ctx, id)
	if err == nil && call.PersonID == "" {
		err = models.ErrNotFound
	}
	return call.PersonID, err
}

// withLogins names the staff in found.
func (s *Service) withLogins(ctx context.Context, found []audit.Entry) ([]AuditLine, error) {
	logins, lines := map[models.ID]string{}, make([]AuditLine, len(found))
	for i, e := range found {
		lines[i].Entry = e
		if e.ActorKind != models.AgentActor || e.ActorID == "" {
			continue
		}
		login, known := logins[e.ActorID]
		if !known {
			m, err := s.Staff.StaffByID(ctx, e.ActorID)
			if err != nil && !errors.Is(err, models.ErrNotFound) {
				return nil, err
			}
			login = m.Login
			logins[e.ActorID] = login
		}
		lines[i].Login = login
	}
	return lines, nil
}
