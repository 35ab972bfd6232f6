package notice

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"onecard/models"
	"onecard/models/audit"
)

// FilingStore keeps what was filed where. Every method joins the transaction that ctx carries.
type FilingStore interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	RecordAudit(ctx context.Context, e audit.Entry) error
	Now(ctx context.Context) (time.Time, error)
	// Filings lists all, by vendor, template and the time they were filed, the oldest first.
	Filings(ctx context.Context) ([]Filing, error)
	// AddFilings adds those whose vendor, template and version have no row yet, and gives the ids of what was added.
	AddFilings(ctx context.Context, list []Filing) ([]models.ID, error)
	// MoveFiling writes state, reason, code and who said so of f, while its state is still from. false: it is not.
	MoveFiling(ctx context.Context, f Filing, from FilingState) (bool, error)
}

// Asker tells what a vendor says of the templates that stand under some codes. What it does not list is not there.
type Asker interface {
	AskTemplates(ctx context.Context, codes []string) ([]VendorTemplate, error)
}

// FilingPlace is where templates are filed: an SMS vendor, or one app of a platform.
type FilingPlace struct {
	Vendor   string
	Channel  Channel
	Codes    map[string]string   // by template: the vendor's id of it, as the settings say
	Keys     map[string][]string // by template: the platform's keys of its fields, where it numbers them its own way
	Numbered bool                // its variables have numbers and no names
	Asker    Asker               // nil: it cannot be asked, and `set` writes what its console shows
}

// PlaceOf is the vendor's name of a platform's app.
func PlaceOf(c Channel, app string) string { return string(c) + ":" + app }

// Who says how a filing stands.
const (
	saidBySettings = "settings"
	saidByVendor   = "vendor"
	saidByDemo     = "demo"
)

// Reasons of ours.
const (
	ReasonTextDiffers = "text_differs" // the vendor has another text under this code than the one that was filed
	ReasonNotThere    = "not_there"    // the vendor lists no template under this code
)

// Filings are the use cases of filing. Each change commits with its audit row.
type Filings struct {
	store  FilingStore
	places []FilingPlace
}

// NewFilings joins the use cases to their rows and the places of the settings.
func NewFilings(store FilingStore, places []FilingPlace) *Filings { return &Filings{store, places} }

// Places lists where templates are filed, as the settings say.
func (s *Filings) Places() []FilingPlace { return slices.Clone(s.places) }

// List is every filing, and a draft for each template that is not filed at a place in the version of this release.
func (s *Filings) List(ctx context.Context) ([]Filing, error) {
	rows, err := s.store.Filings(ctx)
	if err != nil {
		return nil, err
	}
	var out []Filing
	for _, p := range s.places {
		of := filingsOf(rows, p.Vendor)
		for _, t := range TextsOf(p.Channel) {
			known := slices.ContainsFunc(of[t.Template], func(f Filing) bool { return f.Version == t.Version })
			out = append(out, of[t.Template]...)
			if !known && (p.Channel == SMS || p.Codes[t.Template] != "") { // a platform's topic without a code is not sent there
				out = append(out, newFiling(p, t, FilingDraft))
			}
		}
	}
	return out, nil
}

func newFiling(p FilingPlace, t Text, state FilingState) Filing {
	return Filing{
		ID: models.NewID(), Vendor: p.Vendor, Template: t.Template, Version: t.Version, Code: p.Codes[t.Template], Body: t.Body,
		Variables: strings.Join(t.Variables, " "), State: state, SetBy: saidBySettings,
	}
}

func filingsOf(rows []Filing, vendor string) map[string][]Filing {
	out := map[string][]Filing{}
	for _, f := range rows {
		if f.Vendor == vendor {
			out[f.Template] = append(out[f.Template], f)
		}
	}
	return out
}

// File writes down that the texts of this release were filed under the codes of the settings. A code under which an older
// version was filed is still that version's: the new one waits for a code of its own. Twice changes nothing.
func (s *Filings) File(ctx context.Context, by models.Actor) ([]Filing, error) {
	return s.file(ctx, by, func(p FilingPlace, t Text) Filing { return newFiling(p, t, FilingFiled) })
}

// StartApproved is File for pretend vendors, which have every text of ours on file and approved.
func (s *Filings) StartApproved(ctx context.Context) error {
	by := models.Actor{Kind: models.SystemActor, Channel: models.Console}
	_, err := s.file(ctx, by, func(p FilingPlace, t Text) Filing {
		f := newFiling(p, t, FilingApproved)
		f.SetBy = saidByDemo
		return f
	})
	return err
}

func (s *Filings) file(ctx context.Context, by models.Actor, fresh func(FilingPlace, Text) Filing) (added []Filing, err error) {
	rows, err := s.store.Filings(ctx)
	if err != nil {
		return nil, err
	}
	var list []Filing
	var again []FilingChange
	for _, p := range s.places {
		of := filingsOf(rows, p.Vendor)
		for _, t := range TextsOf(p.Channel) {
			code := p.Codes[t.Template]
			if code == "" || slices.ContainsFunc(of[t.Template], func(f Filing) bool { return f.Code == code }) {
				continue // there already, or the code is still an older text's
			}
			f := fresh(p, t)
			if at := slices.IndexFunc(of[t.Template], func(f Filing) bool { return f.Version == t.Version }); at >= 0 {
				f.ID = of[t.Template][at].ID // the same text under another code: what was said of the old one says nothing
				again = append(again, FilingChange{f, of[t.Template][at].State})
				continue
			}
			list = append(list, f)
		}
	}
	if len(list)+len(again) == 0 {
		return nil, nil
	}
	err = s.store.InTx(ctx, func(ctx context.Context) error {
		added, err = s.write(ctx, by, list, again)
		return err
	})
	return added, err
}

// write adds what is new and recodes the rest, within a transaction.
func (s *Filings) write(ctx context.Context, by models.Actor, list []Filing, again []FilingChange) ([]Filing, error) {
	now, err := s.store.Now(ctx)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].FiledAt, list[i].ChangedAt = now, now
	}
	ids, err := s.store.AddFilings(ctx, list)
	if err != nil {
		return nil, err
	}
	added := slices.DeleteFunc(list, func(f Filing) bool { return !slices.Contains(ids, f.ID) })
	for _, c := range again {
		c.ChangedAt = now
		moved, err := s.store.MoveFiling(ctx, c.Filing, c.From)
		if err != nil {
			return nil, err
		}
		if moved {
			added = append(added, c.Filing)
		}
	}
	return added, s.noteFiled(ctx, by, now, added)
}

// noteFiled is one audit row for each place: sixty texts are filed by one act.
func (s *Filings) noteFiled(ctx context.Context, by models.Actor, now time.Time, added []Filing) error {
	for _, p := range s.places {
		n := 0
		for _, f := range added {
			if f.Vendor == p.Vendor {
				n++
			}
		}
		if n == 0 {
			continue
		}
		e := audit.Of(by, now, "notice.templates.filed", "template_filings", p.Vendor, "done").Noting("texts", fmt.Sprint(n))
		if err := s.store.RecordAudit(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// FilingChange is one step of a filing.
type FilingChange struct {
	Filing
	From FilingState
}

// Sync asks every vendor that can be asked, and writes what changed. A vendor that does not answer changes nothing, and
// keeps no other from being asked; of two who ask at once one writes.
func (s *Filings) Sync(ctx context.Context, by models.Actor) ([]FilingChange, error) {
	rows, err := s.store.Filings(ctx)
	if err != nil {
		return nil, err
	}
	var out []FilingChange
	var errs []error
	for _, p := range s.places {
		changed, err := s.syncPlace(ctx, by, p, rows)
		out, errs = append(out, changed...), append(errs, err)
	}
	return out, errors.Join(errs...)
}

func (s *Filings) syncPlace(ctx context.Context, by models.Actor, p FilingPlace, rows []Filing) ([]FilingChange, error) {
	mine := slices.DeleteFunc(slices.Clone(rows), func(f Filing) bool { return f.Vendor != p.Vendor })
	if p.Asker == nil || len(mine) == 0 {
		return nil, nil
	}
	codes := make([]string, len(mine))
	for i, f := range mine {
		codes[i] = f.Code
	}
	told, err := p.Asker.AskTemplates(ctx, codes)
	if err != nil {
		return nil, fmt.Errorf("templates of %s: %w", p.Vendor, err)
	}
	var out []FilingChange
	for _, f := range mine {
		next := p.heard(f, told)
		if next.State == f.State && next.Reason == f.Reason {
			continue
		}
		moved, err := s.move(ctx, by, next, f.State)
		if err != nil {
			return out, err
		}
		if moved {
			out = append(out, FilingChange{next, f.State})
		}
	}
	return out, nil
}

// heard is the filing as its vendor's list has it. A vendor may approve a text that is not ours: it is paused then.
func (p FilingPlace) heard(f Filing, told []VendorTemplate) Filing {
	f.SetBy = saidByVendor
	at := slices.IndexFunc(told, func(t VendorTemplate) bool { return t.Code == f.Code })
	switch {
	case at < 0:
		f.State, f.Reason = FilingWithdrawn, ReasonNotThere
	case told[at].State == FilingApproved && !p.sameText(f, told[at]):
		f.State, f.Reason = FilingPaused, ReasonTextDiffers
	default:
		f.State, f.Reason = told[at].State, plainReason(told[at].Reason)
	}
	return f
}

func (s *Filings) move(ctx context.Context, by models.Actor, f Filing, from FilingState) (moved bool, err error) {
	err = s.store.InTx(ctx, func(ctx context.Context) error {
		now, err := s.store.Now(ctx)
		if err != nil {
			return err
		}
		f.ChangedAt = now
		if moved, err = s.store.MoveFiling(ctx, f, from); err != nil || !moved {
			return err
		}
		return s.store.RecordAudit(ctx, audit.Of(by, now, "notice.template.changed", "template_filings", string(f.ID), string(f.State)).
			Noting("vendor", f.Vendor).Noting("template", f.Template).Noting("version", f.Version).Noting("from", string(from)))
	})
	return moved && err == nil, err
}

// ErrNoFiling says that nothing was filed there under that name.
var ErrNoFiling = errors.New("notice: no such filing")

// ErrFilingReason says that an operator's state needs words.
var ErrFilingReason = errors.New("notice: a reason takes 4 to 200 characters")

// Set is the operator's word, for what no vendor can be asked. version may be left out where there is one only, or where
// the one of this release is meant.
func (s *Filings) Set(ctx context.Context, by models.Actor, vendor, template, version string, state FilingState, reason, setBy string) (FilingChange, error) {
	if n := utf8.RuneCountInString(reason); n < 4 || n > reasonMost {
		return FilingChange{}, ErrFilingReason
	}
	rows, err := s.store.Filings(ctx)
	if err != nil {
		return FilingChange{}, err
	}
	f, ok := meant(filingsOf(rows, vendor)[template], version)
	if !ok || !slices.Contains(FilingStates, state) {
		return FilingChange{}, ErrNoFiling
	}
	next := f
	next.State, next.Reason, next.SetBy = state, plainReason(reason), setBy
	moved, err := s.move(ctx, by, next, f.State)
	if err == nil && !moved {
		err = models.ErrConflict
	}
	return FilingChange{next, f.State}, err
}

// meant is the filing that an operator means: the version named, else the youngest.
func meant(of []Filing, version string) (Filing, bool) {
	if version == "" && len(of) > 0 {
		return of[len(of)-1], true
	}
	at := slices.IndexFunc(of, func(f Filing) bool { return f.Version == version })
	if at < 0 {
		return Filing{}, false
	}
	return of[at], true
}
