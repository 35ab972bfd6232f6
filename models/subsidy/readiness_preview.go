package subsidy

import (
	"context"
	"errors"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// The states of a look ahead at a batch.
const (
	PreviewRunning = "running"
	PreviewDone    = "done"
	PreviewOff     = "off" // its district had switched it off when the batch was announced
)

// Preview is how far the look ahead at one announced batch has come.
type Preview struct {
	Batch       string
	LedgerMonth string
	District    string
	Count       int // announced
	Line        int // the last line looked at
	Seen        int // lines there so far
	Found       int // payees told
	State       string
	NextAt      time.Time
	BegunAt     time.Time
	AnnouncedAt time.Time // by the source
}

// PreviewPayee is the payee of a line that is announced, not held and not through the bank yet.
type PreviewPayee struct {
	Person   models.ID
	Alive    bool
	HasCard  bool // in hand
	Money    MoneyState
	BankCode string
	Unsure   bool // our copy says nothing of her card: she is told nothing
}

// Previews keeps the looks ahead. Every method joins the transaction that ctx carries.
type Previews interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	// BeginPreview takes on a batch announced since, that nobody has looked at; models.ErrNotFound where there is none,
	// or another replica was first.
	BeginPreview(ctx context.Context, since, now time.Time) (Preview, error)
	// LockPreview is a look that goes on now, held until the transaction ends; models.ErrNotFound.
	LockPreview(ctx context.Context, now time.Time) (Preview, error)
	SavePreview(ctx context.Context, p Preview, now time.Time) error
	// PreviewPayees reads, in one statement, the payees of the next lines up to one that are still to come, and the last
	// of them.
	PreviewPayees(ctx context.Context, p Preview, upTo, limit int) (list []PreviewPayee, last int, err error)
	// PreviewedLines counts the next lines up to one that are here, whatever their state.
	PreviewedLines(ctx context.Context, p Preview, upTo int) (int, error)
	// CardsAsOf is how fresh the copy of the cards source is; zero until its first load is whole.
	CardsAsOf(ctx context.Context) (time.Time, error)
	AddNotices(ctx context.Context, drafts []notice.Draft) error
	RecordAudit(ctx context.Context, e audit.Entry) error
}

const (
	previewSlice = 500
	// Nothing is to come of most lines of most batches: so many are passed over at a time, however large the batch.
	previewSpan = 50_000
	// A batch told line by line may be announced before its lines are here: it is looked at again until all are, at
	// most for an hour.
	previewAgain = time.Minute
	previewWhole = time.Hour
	// An older announcement is no news.
	previewNews = 7 * 24 * time.Hour
)

// LookAhead looks at the next slice of an announced batch and tells those payees whose money account cannot take the
// money what to do, once a ledger month each (R5). A slice costs the same number of statements for one payee as for
// five hundred, and commits as one. It reports whether more waits. While the copy of the cards source is older than
// promised, nobody is told anything about a card: the look waits.
func (e *Explainer) LookAhead(ctx context.Context) (more bool, err error) {
	now := e.Clock.Now()
	err = e.Previews.InTx(ctx, func(ctx context.Context) error {
		p, err := e.Previews.LockPreview(ctx, now)
		if err != nil {
			return err
		}
		return e.lookAt(ctx, p, now)
	})
	if !errors.Is(err, models.ErrNotFound) {
		return err == nil, err
	}
	since := now.Add(-previewNews)
	if e.HistoryFrom.After(since) {
		since = e.HistoryFrom
	}
	err = e.Previews.InTx(ctx, func(ctx context.Context) error {
		p, err := e.Previews.BeginPreview(ctx, since, now)
		if err != nil {
			return err
		}
		on, err := e.Policy.PreviewOn(ctx, p.District, now)
		if err != nil || on {
			return err
		}
		p.State = PreviewOff
		return e.Previews.SavePreview(ctx, p, now)
	})
	if errors.Is(err, models.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// lookAt takes one slice.
func (e *Explainer) lookAt(ctx context.Context, p Preview, now time.Time) error {
	stale, err := e.cardsStale(ctx, now)
	if err != nil {
		return err
	}
	if stale {
		p.NextAt = now.Add(previewAgain)
		return e.Previews.SavePreview(ctx, p, now)
	}
	end := p.Line + previewSpan
	list, last, err := e.Previews.PreviewPayees(ctx, p, end, previewSlice)
	if err != nil {
		return err
	}
	drafts, err := e.warnings(ctx, p, list, now)
	if err != nil {
		return err
	}
	if len(drafts) > 0 {
		if err := e.Previews.AddNotices(ctx, drafts); err != nil {
			return err
		}
	}
	full := len(list) == previewSlice
	if full {
		end = last
	}
	seen, err := e.Previews.PreviewedLines(ctx, p, end)
	if err != nil {
		return err
	}
	p.Seen, p.Found = p.Seen+seen, p.Found+len(drafts)
	switch {
	case full || end < p.Count:
		p.Line = end
	case p.Seen < p.Count && now.Sub(p.BegunAt) < previewWhole:
		p.Line, p.Seen, p.Found, p.NextAt = 0, 0, 0, now.Add(previewAgain)
	default:
		p.State = PreviewDone
	}
	if err := e.Previews.SavePreview(ctx, p, now); err != nil || p.State != PreviewDone {
		return err
	}
	entry := audit.Of(models.System(), now, "subsidy.preview.done", "batches", p.Batch, PreviewDone)
	return e.Previews.RecordAudit(ctx, entry.Noting("lines", strconv.Itoa(p.Seen)).Noting("told", strconv.Itoa(p.Found)))
}

func (e *Explainer) cardsStale(ctx context.Context, now time.Time) (bool, error) {
	asOf, err := e.Previews.CardsAsOf(ctx)
	if err != nil || asOf.IsZero() {
		return true, err
	}
	after, err := e.Policy.StaleAfter(ctx, now)
	return after > 0 && now.Sub(asOf) > after, err
}

// moneyWords say what is wrong with a money account in an SMS. Of an account whose state nobody told, nothing is said.
var moneyWords = map[MoneyState]string{
	MoneyInactive: "未激活", MoneyNotOpened: "未开户", MoneyLost: "已挂失", MoneyRestricted: "受限制", MoneyClosed: "已销户",
}

// warnings drafts what the payees of a slice are told. It names no programme: that somebody is paid one may be nobody
// else's business (R55).
func (e *Explainer) warnings(ctx context.Context, p Preview, list []PreviewPayee, now time.Time) ([]notice.Draft, error) {
	var drafts []notice.Draft
	banks, told := map[string]string{}, map[models.ID]bool{}
	for _, payee := range list {
		if !payee.Alive || payee.Unsure || told[payee.Person] {
			continue
		}
		d := notice.Draft{Kind: notice.PaydayCard, PersonID: payee.Person, Object: "batch", At: now, FactAt: p.AnnouncedAt,
			Cause: "payday:" + p.LedgerMonth + ":" + string(payee.Person)}
		if payee.HasCard {
			word := moneyWords[payee.Money]
			if word == "" {
				continue
			}
			name, known := banks[payee.BankCode]
			if !known {
				b, err := e.Banks.CardBank(ctx, payee.BankCode, now)
				if err != nil {
					return nil, err
				}
				name = b.Name
				banks[payee.BankCode] = name
			}
			d.Kind, d.Params = notice.PaydayAccount, map[string]string{"state": word, "bank": name}
		}
		told[payee.Person] = true
		drafts = append(drafts, d)
	}
	return drafts, nil
}
