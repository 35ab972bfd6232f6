package card

import (
	"context"
	"errors"
	"fmt"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// What a Registry says when it has no answer. Any other error leaves the fate of a command unknown.
var (
	ErrNotSent    = errors.New("registry: surely not sent")
	ErrNeverHeard = errors.New("registry: never heard of this request")
	// ErrPictureUnreadable is an ErrNotSent of our own making: the objects of an application cannot be read.
	ErrPictureUnreadable = fmt.Errorf("%w: a picture cannot be read", ErrNotSent)
)

// Registry is the `cards` source, as far as cards need it.
type Registry interface {
	// CardsOf asks for the present facts of one person's cards.
	CardsOf(ctx context.Context, person models.PersonRef) ([]Fact, error)
	// Carry tells the registry one command. What a replacement orders comes in the form of an application. The same request id twice has one effect. ErrNotSent when nothing left
	// this machine; any other error means that the fate is unknown.
	Carry(ctx context.Context, c Command, application *Application) (Answer, error)
	// Asked returns the answer to an earlier command, or ErrNeverHeard.
	Asked(ctx context.Context, requestID models.ID) (Answer, error)
	// Fenced reports whether the source refuses a card_seq lower than one it has seen.
	Fenced() bool
}

// Fresh keeps the copy of a person fresh at a source that is only asked.
type Fresh interface {
	// Refresh asks about the person if what we hold is older than it may be shown. Where nobody answers, the copy stands.
	Refresh(ctx context.Context, person models.ID)
	// AsOf is how old what we hold of her is; zero: nothing was ever told.
	AsOf(ctx context.Context, person models.ID) (time.Time, error)
	// Unknown reports that the source does not know her, or her card, any more: what we hold cannot be looked at again.
	Unknown(ctx context.Context, person models.ID) (bool, error)
}

// Store keeps cards, reports and commands. Every method joins the transaction that ctx carries.
type Store interface {
	// InTx runs fn in one transaction; nested calls join it. An error rolls everything back.
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	// AfterCommit runs f once the transaction of ctx has committed, never if it has not; without one, now.
	AfterCommit(ctx context.Context, f func())
	// Now is the instant that leases and deadlines are measured by.
	Now(ctx context.Context) (time.Time, error)
	// Remember writes the request's idempotency row; prior is the result of an earlier run of the same request.
	Remember(ctx context.Context, by models.Actor, table, id string) (prior string, err error)
	// Remembered is the result that was remembered for the request key in ctx, if any; it writes nothing.
	Remembered(ctx context.Context, by models.Actor) (prior string, err error)
	RecordAudit(ctx context.Context, e audit.Entry) error
	AddNotice(ctx context.Context, d notice.Draft) error
	// OpenCase opens an enquiry by the system, once per cause.
	OpenCase(ctx context.Context, cause, kind string, person models.ID, object, objectID string) error
	// SettleCase closes the case of a cause that has gone away, if one is still open.
	SettleCase(ctx context.Context, cause string) error
	// NextNumber counts from 1 for each name and civil day.
	NextNumber(ctx context.Context, name string, day models.Date) (int64, error)
	// Wake nudges the sweep after the commit.
	Wake(ctx context.Context, topic string)

	Cards
	LossReports
	Commands
	Applications
	Uploads
	Drafts
	Replacements
}

// Cards are the mirror rows.
type Cards interface {
	Card(ctx context.Context, id models.ID) (Card, error)
	CardByRef(ctx context.Context, ref models.CardRef) (Card, error)
	// LockCard reads a card and holds it against other decisions until the transaction ends.
	LockCard(ctx context.Context, id models.ID) (Card, error)
	CardsOfPerson(ctx context.Context, person models.ID) ([]Card, error)
	// MirrorCards writes facts whose version is newer than the row's and returns the cards as they stood before, by
	// reference; a card not known before has an empty ID there.
	MirrorCards(ctx context.Context, facts []Fact, at time.Time) (map[models.CardRef]MirrorChange, error)
	// TakeSeq returns the next card_seq of a card.
	TakeSeq(ctx context.Context, card models.ID) (int64, error)
	// SetAnsweredVersion raises Card.AnsweredVersion; it never lowers it.
	SetAnsweredVersion(ctx context.Context, card models.ID, version int64) error
	// CardsAsOf is how fresh the mirror is: the registry's current_as_of of the last page.
	CardsAsOf(ctx context.Context) (time.Time, error)
	PersonRef(ctx context.Context, person models.ID) (models.PersonRef, error)
}

// MirrorChange is one card before and after a fact. Stale means that the fact was not newer and nothing was written.
type MirrorChange struct {
	Before, After Card
	Known, Stale  bool
	Orphan        bool // its person is not known here; nothing was written
}

// LossReports are the reports.
type LossReports interface {
	// CreateLossReport: ErrLossOpen when the card has an open report.
	CreateLossReport(ctx context.Context, r LossReport) error
	LossReport(ctx context.Context, id models.ID) (LossReport, error)
	OpenLossReport(ctx context.Context, card models.ID) (LossReport, error)               // models.ErrNotFound
	OpenLossReports(ctx context.Context, cards []models.ID) ([]LossReport, error)         //
	LossReportsOf(ctx context.Context, person models.ID, limit int) ([]LossReport, error) // newest first
	// AdvanceLossReport writes r where the row still has state from and r.Version; the row's version grows by one.
	// models.ErrConflict if someone was first.
	AdvanceLossReport(ctx context.Context, r LossReport, from LossState) error
	// LossReportsToWatch: waiting for the registry's word since before, not alarmed about yet.
	LossReportsToWatch(ctx context.Context, before time.Time, limit int) ([]LossReport, error)
	// LossReportsExpiring: in force, ending in [from, until), not warned on the day.
	LossReportsExpiring(ctx context.Context, from, until time.Time, day models.Date, limit int) ([]LossReport, error)
	// LossReportsToReassert: ReassertAt has come.
	LossReportsToReassert(ctx context.Context, at time.Time, limit int) ([]LossReport, error)
}

// Commands are the queue.
type Commands interface {
	// AddCommand: models.ErrConflict when an unfinished one of its kind exists for the card or person.
	AddCommand(ctx context.Context, c Command) error
	Command(ctx context.Context, id models.ID) (Command, error)
	UnfinishedCommand(ctx context.Context, card models.ID) (Command, error) // loss or release; models.ErrNotFound
	// UnfinishedApplicationCommand is the submission, correction or withdrawal of an application that is not settled;
	// models.ErrNotFound.
	UnfinishedApplicationCommand(ctx context.Context, application models.ID) (Command, error)
	// SupersededRelease is the card's superseded release on which the registry may act longest; models.ErrNotFound.
	SupersededRelease(ctx context.Context, card models.ID) (Command, error)
	// SettledCommands are the card's losses, or releases, that were settled, or whose last lease ends, since a time.
	SettledCommands(ctx context.Context, card models.ID, kind CommandKind, since time.Time) ([]Command, error)
	// DueCommands lists unfinished commands whose time has come and whose lease has ended, losses first; of these kinds
	// only, where any are named.
	DueCommands(ctx context.Context, at time.Time, limit int, kinds ...CommandKind) ([]models.ID, error)
	// LeaseCommand takes the lease for one more attempt; models.ErrConflict when another holds it or it is settled.
	LeaseCommand(ctx context.Context, c Command, at, ends time.Time) (Command, error)
	// SettleCommand writes c where the row still has state from and the attempt of c; models.ErrConflict otherwise.
	SettleCommand(ctx context.Context, c Command, from CommandState) error
}

// Applications are first applications and their timeline.
type Applications interface {
	// CreateApplication: models.ErrConflict when the person has one under way.
	CreateApplication(ctx context.Context, a Application) error
	Application(ctx context.Context, id models.ID) (Application, error)
	// ApplicationByRequest finds the application that a command of ours carried.
	ApplicationByRequest(ctx context.Context, request models.ID) (Application, error)
	LatestApplication(ctx context.Context, person models.ID) (Application, error)
	ApplicationsOf(ctx context.Context, person models.ID, limit int) ([]Application, error) // newest first
	// UncollectedApplications lists those that wait at their outlet since before, reminded of so often.
	UncollectedApplications(ctx context.Context, reminded int, before time.Time, limit int) ([]Application, error)
	// BirthDate is empty where the registry gives none.
	BirthDate(ctx context.Context, person models.ID) (models.Date, error)
	// AdvanceApplication writes a and its new steps where the row still has state from and a.Version.
	AdvanceApplication(ctx context.Context, a Application, from ApplicationState) error
	// ApplicationByReceipt: models.ErrNotFound.
	ApplicationByReceipt(ctx context.Context, receipt string) (Application, error)
	// NotArchived lists applications that ended before a time and that the archive does not have, in the order of their ids.
	NotArchived(ctx context.Context, endedBefore time.Time, after models.ID, limit int) ([]Application, error)
	// PicturesOf lists every picture that a person's application or replacement used, also those that a correction replaced.
	PicturesOf(ctx context.Context, person, usedBy models.ID) ([]Upload, error)
	// MarkArchived notes that the archive has an ended application; models.ErrConflict when it is under way or noted already.
	MarkArchived(ctx context.Context, id models.ID, at time.Time, basis string) error
	// ArchivedWithPictures lists applications that ended before a time, are archived and still have their pictures.
	ArchivedWithPictures(ctx context.Context, endedBefore time.Time, limit int) ([]Application, error)
	// ReleasePictures claims all that PicturesOf lists for dropping, once; models.ErrConflict when that is done.
	ReleasePictures(ctx context.Context, id models.ID, at time.Time) (int, error)
}

// Gate says whether an actor may do an act now (levels, modes per channel).
type Gate interface {
	Allow(ctx context.Context, by models.Actor, act models.Act) error
	// AllowTakeBack is Allow for taking back what was begun: a mode that was set since does not stand in the way.
	AllowTakeBack(ctx context.Context, by models.Actor, act models.Act) error
}

// Calls says whether an agent may report a loss for the caller of the open call, and how surely the caller is known.
type Calls interface {
	MayReportLoss(ctx context.Context, by models.Actor) (strength string, err error)
	// RelativeMaySpeak refuses a relative where the holder was not reached in the way said: she came to the phone, or the
	// phone on file was called back and she answered.
	RelativeMaySpeak(ctx context.Context, by models.Actor, reached string) error
	// PromiseAfterLoss promises the caller a call once the registry has confirmed a loss that it had not while she spoke (R66):
	// once for each report, in a commit of its own.
	PromiseAfterLoss(ctx context.Context, report, person, call models.ID) error
}

// Family looks after who acts for another.
type Family interface {
	// StillActsFor refuses a guardian or helper whose right has ended. It joins the transaction and holds the right until
	// the transaction ends; nobody needs one to act for herself.
	StillActsFor(ctx context.Context, by models.Actor) error
	// HelperActed is what the holder is told of her helper's act.
	HelperActed(by models.Actor, act models.Act, what string, at time.Time) notice.Draft
}

// MinorPayments tells whether subsidies for minors are paid to a person (R23).
type MinorPayments interface {
	PaidForMinors(ctx context.Context, person models.ID) (bool, error)
}

// Policy reads the settings cards depend on.
type Policy interface {
	LossKind(ctx context.Context, channel models.Channel, at time.Time) (LossKind, error)
	ReleaseAfterPhoneLoss(ctx context.Context, at time.Time) (string, error) // same | window_only
	PhotoRules(ctx context.Context, at time.Time) (PhotoRules, error)
	ApplicationTerms(ctx context.Context, at time.Time) (ApplicationTerms, error)
	// Workday reports whether offices work on a day, by the calendar of holidays.
	Workday(ctx context.Context, day models.Date) (bool, error)
}

// Bank is a bank as a citizen must see it on one day.
type Bank struct {
	Code  string
	Name  string // 中原银行(卡面:洛阳银行) where it has a successor
	Phone string
}

// Banks reads the dated list of banks.
type Banks interface {
	BankOn(ctx context.Context, code string, at time.Time) (Bank, error)
}

// Outlet is a place to go to.
type Outlet struct {
	Name, Address, Phone, Hours string
	Closed                      bool // serves nobody now; a card may still wait there
}

// Outlets finds the outlet where a card waits, or shall be collected.
type Outlets interface {
	OutletByRef(ctx context.Context, ref string) (Outlet, error)
}

// Bindings tells when a platform account was bound (R35: bound after the loss waits 24 hours).
type Bindings interface {
	BoundAt(ctx context.Context, account models.ID) (time.Time, error)
}
