package card

import (
	"context"
	"log/slog"
	"runtime"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// Settings are the times that loss and release depend on. All are [choice] values and can be configured.
type Settings struct {
	LossValid      time.Duration // how long the registry may act on one loss command
	ReleaseValid   time.Duration
	ApplyValid     time.Duration
	Skew           time.Duration // clocks of both sides may differ by so much
	Settling       time.Duration // at a source without request ids: an unanswered copy of a command is carried out within so long, or never
	Lease          time.Duration // one attempt holds a command for so long
	FirstAttempt   time.Duration // the request's own attempt may take so long
	RetryAtMost    time.Duration // cap of the back-off
	LostSightSoon  time.Duration // asked about at the common pace for so long where the source does not show the card of a command of unknown fate
	LostSightAgain time.Duration // and then so often
	GiveUp         time.Duration // and then no more: it ends as unresolved; zero: never
	AlarmAfter     time.Duration // R66: unconfirmed for so long opens a case
	WaitAfterBind  time.Duration // R35
	WarnBeforeDays int           // R43
	SweepWidth     int           // commands carried at once
	UploadKeep     time.Duration // a picture that no application uses is dropped after so long
	PicturesKeep   time.Duration // pictures of an ended application that the archive has are dropped after so long
	PicturesAtOnce int           // pictures worked on at once in this process
	PicturesWait   int           // pictures that may wait for it; more are refused as busy
	City           string        // GB/T 2260 of the city that issues the cards (R16)
	DraftKeep      time.Duration // a draft that nobody saves is thrown away after so long
	HistoryFrom    time.Time     // facts changed before make no notice (design 7, notify_from)
}

// DefaultSettings are the figures of design 7 and rules R35, R43, R66.
func DefaultSettings() Settings {
	return Settings{
		LossValid: 15 * time.Minute, ReleaseValid: 5 * time.Minute, ApplyValid: 72 * time.Hour, Skew: 2 * time.Minute, Settling: 2 * time.Minute,
		Lease: 4 * time.Second, FirstAttempt: 2 * time.Second, RetryAtMost: 30 * time.Second,
		LostSightSoon: 24 * time.Hour, LostSightAgain: 24 * time.Hour, GiveUp: 30 * 24 * time.Hour,
		AlarmAfter: 10 * time.Minute, WaitAfterBind: 24 * time.Hour, WarnBeforeDays: 2, SweepWidth: 8,
		UploadKeep: 24 * time.Hour, PicturesKeep: 30 * 24 * time.Hour, PicturesAtOnce: max(runtime.GOMAXPROCS(0)/2, 1), PicturesWait: 8, City: "410300",
		DraftKeep: 30 * 24 * time.Hour,
	}
}

// Ports are what the card capability asks of the other rooms.
type Ports struct {
	Store    Store
	Registry Registry
	ReadBack ReadBack // nil: the registry keeps request ids
	// AppliesAtWindow: the registry takes no application online, so the next step of who has no card is a window.
	AppliesAtWindow bool
	Fresh           Fresh // nil: a feed keeps the copy fresh
	Gate            Gate
	Calls           Calls
	Policy          Policy
	Banks           Banks
	Outlets         Outlets
	Bindings        Bindings
	Family          Family        // nil: nobody acts for another
	Minors          MinorPayments // may be nil
	Clock           models.Clock
	Log             *slog.Logger
	Watch           Watch

	// Applications need these as well.
	Objects   Objects
	Slips     SlipPrinter
	Consents  Consents
	CardBanks CardBanks

	// Replacements need these as well.
	Fees      Fees
	Announced Announcements
	Replacing ReplacementPolicy
}

// Watch counts what an operator must see; cmd/boot feeds it into the metrics.
type Watch interface {
	LossAlarmed()
	// PictureUnreadable: an application could not be sent because one of its pictures cannot be read back.
	PictureUnreadable()
	// ApplicationReturned: an application was sent back with defects; so many of them could have been named before (R69).
	ApplicationReturned(late int)
	CommandSettled(kind CommandKind, state CommandState, took time.Duration)
}

// Service decides about cards. It holds no state of its own but the slots for decoding pictures.
type Service struct {
	Ports
	set      Settings
	pictures *pool
	copied   *copied
}

// New builds the capability.
func New(p Ports, s Settings) *Service {
	return &Service{Ports: p, set: s, pictures: newPool(s.PicturesAtOnce, s.PicturesWait), copied: &copied{}}
}

// told says something about a loss to the person once: the cause names the fact, so a second draft of it is dropped.
// Only the variables that the kind's text declares are handed over.
func (s *Service) told(ctx context.Context, cause string, kind notice.Kind, r LossReport, c Card, at time.Time, reason string) error {
	have := map[string]string{
		"time": notice.Moment(at), "date": notice.Day(models.DateOf(r.ExpiresAt)), "channel": sourceWord(r.Source), "reason": reasonTexts[reason],
	}
	if r.ExpiresAt.IsZero() {
		have["date"] = ""
	}
	if bank, err := s.Banks.BankOn(ctx, c.BankCode, at); err == nil {
		have["bank"], have["bank_phone"] = bank.Name, bank.Phone
	}
	d := draft(cause, kind, r.PersonID, have, "loss_report", r.ID, at)
	if kind == notice.LossReleased || kind == notice.LossLapsed {
		d.Replaces = stoppedCauses(r)
	}
	return s.Store.AddNotice(ctx, d)
}

// stoppedCauses are the notices of a report that say 已挂失: one that has not left yet would be false after its end.
func stoppedCauses(r LossReport) []string {
	base := "loss:" + string(r.ID) + ":"
	out := []string{base + "elsewhere"}
	for v := range r.Version + 1 {
		out = append(out, base+string(notice.LossEffective)+":"+strconv.Itoa(v))
	}
	return out
}

// draft keeps of the values at hand those that the kind's text declares.
func draft(cause string, kind notice.Kind, person models.ID, have map[string]string, object string, id models.ID, at time.Time) notice.Draft {
	params := map[string]string{}
	spec, _ := notice.SpecOf(kind)
	for _, p := range spec.Params {
		if v := have[p.Name]; v != "" {
			params[p.Name] = v
		}
	}
	return notice.Draft{Cause: cause, Kind: kind, PersonID: person, Params: params, Object: object, ObjectID: id, At: at}
}
