package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/subsidy"
)

var _ subsidy.Stories = (*Explanations)(nil)

// notHers are the holds of payments that go to somebody else than they should: of those the payee is told nothing.
var notHers = []string{string(subsidy.HoldPayeeMismatch), string(subsidy.HoldNotHead)}

// astray are the payments with those holds that she should have had: in words, so that the planner knows their index.
var astray = "payments.hold IN ('" + strings.Join(notHers, "', '") + "') AND payments.beneficiary_id = ?"

// notTold are those, what is a stranger's by now, and what two reviewers decided never to show.
var notTold = append([]string{string(subsidy.HoldRejected), string(subsidy.HoldPayeeUnknown)}, notHers...)

// mostLines is how many payments of one programme are looked at: the newest ones explain.
const mostLines = 24

type storyRow struct {
	Paid        paymentRow `gorm:"embedded"`
	AnnouncedAt *time.Time
}

func (r storyRow) line() subsidy.StoryLine {
	return subsidy.StoryLine{Payment: r.Paid.payment(), ListFixed: timeOf(r.AnnouncedAt)}
}

// story is payments with the announcement of their batch.
func (e *Explanations) story(ctx context.Context) *gorm.DB {
	return e.q(ctx).Table("payments").Select("payments.*, b.announced_at").Joins("LEFT JOIN batches b ON b.id = payments.batch_id").
		Where("1 = 1" + e.visible())
}

// LinesAbout reads the payments to a person by her index, and what went astray from her by the index of that.
func (e *Explanations) LinesAbout(ctx context.Context, person models.ID, programme, period string) ([]subsidy.StoryLine, error) {
	narrow := func(q *gorm.DB) *gorm.DB {
		q = q.Where("payments.programme = ?", programme)
		if period != "" {
			q = q.Where("payments.period = ?", period)
		}
		return q.Order("payments.ledger_month DESC, payments.changed_at DESC").Limit(mostLines)
	}
	var rows, held []storyRow
	err := narrow(e.story(ctx).Where("payments.person_id = ? AND payments.hold NOT IN ?", string(person), notTold)).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	err = narrow(e.story(ctx).Where(astray, string(person))).Find(&held).Error
	if err != nil {
		return nil, translate(err)
	}
	out := make([]subsidy.StoryLine, 0, len(rows)+len(held))
	for _, r := range append(rows, held...) {
		out = append(out, r.line())
	}
	slices.SortStableFunc(out, func(a, b subsidy.StoryLine) int { // of both the newest
		return cmp.Or(cmp.Compare(b.Payment.Key.LedgerMonth, a.Payment.Key.LedgerMonth), b.Payment.ChangedAt.Compare(a.Payment.ChangedAt))
	})
	return out, nil
}

// LineAbout reads one payment to a person that she may know of.
func (e *Explanations) LineAbout(ctx context.Context, person models.ID, k subsidy.Key) (subsidy.StoryLine, error) {
	var row storyRow
	err := e.story(ctx).Where("payments.ledger_month = ? AND payments.batch_id = ? AND payments.line = ? AND payments.person_id = ? AND payments.hold NOT IN ?",
		k.LedgerMonth, k.BatchID, k.Line, string(person), notTold).Take(&row).Error
	if err != nil {
		return subsidy.StoryLine{}, translate(err)
	}
	return row.line(), nil
}

// HomeDeclarations reads the places of a person and her household on lists.
func (e *Explanations) HomeDeclarations(ctx context.Context, person models.ID, household, programme, period string) ([]subsidy.HomeDeclaration, error) {
	q := e.q(ctx).Table("declarations d").Select("d.*, p.is_head, p.merged_into_ref = self.ref AS was_me").Joins("JOIN persons p ON p.id = d.person_id").
		Joins("JOIN persons self ON self.id = ?", string(person)).Where("d.programme = ?", programme).
		Where(`d.person_id IN (SELECT id FROM persons WHERE id = ? UNION SELECT id FROM persons WHERE household_ref = ? AND household_ref <> ''
			UNION SELECT m.id FROM persons m JOIN persons me ON me.id = ? AND m.merged_into_ref = me.ref)`, string(person), household, string(person))
	if period != "" {
		q = q.Where("d.period = ?", period)
	}
	var rows []struct {
		Place  declarationRow `gorm:"embedded"`
		IsHead bool
		WasMe  bool
	}
	if err := q.Order("d.changed_at DESC, d.ref").Limit(mostLines).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]subsidy.HomeDeclaration, len(rows))
	for i, r := range rows {
		out[i] = r.Place.declaration()
		if out[i].StillHead = r.IsHead; r.WasMe { // a record that became hers
			out[i].Person = person
		}
	}
	return out, nil
}

func (r declarationRow) declaration() subsidy.HomeDeclaration {
	return subsidy.HomeDeclaration{Person: models.ID(r.PersonID), Programme: r.Programme, Period: r.Period, District: r.District,
		Township: r.Township, State: subsidy.DeclarationState(r.State), OtherHolder: r.OtherHolder, PostingPlace: r.PostingPlace,
		PostingFrom: models.Date(r.PostingFrom), PostingTo: models.Date(r.PostingTo), ChangedAt: models.Instant(r.ChangedAt)}
}

// HeadOf reads the head of a household; of one with several nobody knows who it is (R4).
func (e *Explanations) HeadOf(ctx context.Context, household string) (subsidy.Head, error) {
	if household == "" {
		return subsidy.Head{}, models.ErrNotFound
	}
	var rows []struct {
		ID, LivingStatus string
		ChangedAt        time.Time
	}
	err := e.q(ctx).Table("persons").Select("id, living_status, changed_at").
		Where("household_ref = ? AND is_head AND merged_into_ref = ''", household).Limit(2).Find(&rows).Error
	if err != nil {
		return subsidy.Head{}, translate(err)
	}
	if len(rows) != 1 {
		return subsidy.Head{}, models.ErrNotFound
	}
	row := rows[0]
	return subsidy.Head{ID: models.ID(row.ID), Alive: citizen.LivingStatus(row.LivingStatus) != citizen.Deceased, ChangedAt: models.Instant(row.ChangedAt)}, nil
}

// CreditedTo reports when a household's payment reached its head.
func (e *Explanations) CreditedTo(ctx context.Context, head models.ID, household, programme, period string) (time.Time, error) {
	q := e.q(ctx).Table("payments").Where(`person_id = ? AND household_ref = ? AND programme = ? AND payee_kind = ? AND state = ?
		AND hold = '' AND NOT old_channel`+e.visible(), string(head), household, programme, subsidy.ToHousehold, string(subsidy.Credited))
	if period != "" {
		q = q.Where("period = ?", period)
	}
	var at []time.Time
	err := q.Order("ledger_month DESC").Limit(1).Pluck("credited_at", &at).Error
	if err != nil || len(at) == 0 {
		return time.Time{}, translate(err)
	}
	return models.Instant(at[0]), nil
}

// ListTold reports whether any place on a list is known here.
func (e *Explanations) ListTold(ctx context.Context, programme, period, district string) (bool, time.Time, error) {
	var at []time.Time
	err := e.q(ctx).Table("declarations").Where("programme = ? AND period = ? AND district = ?", programme, period, district).Limit(1).Pluck("changed_at", &at).Error
	if err != nil || len(at) == 0 {
		return false, time.Time{}, translate(err)
	}
	return true, models.Instant(at[0]), nil
}

// TownPaid looks for the first neighbour on the list who has a payment of that list: only in the months that hold any
// payment of the list, of which there are few and, while everybody waits and asks, none.
func (e *Explanations) TownPaid(ctx context.Context, programme, period, district, township string) (bool, error) {
	var months []string
	if err := e.q(ctx).Raw(paidMonths, programme, period).Scan(&months).Error; err != nil || len(months) == 0 {
		return false, translate(err)
	}
	var refs []string
	err := e.q(ctx).Raw(townPaid(months, e.visible()), programme, period, district, township).Scan(&refs).Error
	return len(refs) > 0, translate(err)
}

const paidMonths = "SELECT ledger_month FROM paid_lists WHERE programme = ? AND period = ?"

// townPaid goes from the list to each neighbour's payments, by the index of her own: joined to a word, programme and
// period fit no other, which a planner without figures of a month just loaded would take for each neighbour again. The
// months stand in its text, as in a list of payments.
func townPaid(months []string, visible string) string {
	months = slices.DeleteFunc(months, func(m string) bool { return !monthForm.MatchString(m) })
	return `SELECT d.ref FROM declarations d WHERE d.programme = ? AND d.period = ? AND d.district = ? AND d.township = ? AND EXISTS (
			SELECT 1 FROM payments p WHERE p.person_id = d.person_id AND p.ledger_month IN ('` + strings.Join(months, "', '") + `')
				AND p.programme || '' = d.programme AND p.period || '' = d.period AND p.hold = ''` + visible + ` LIMIT 1 OFFSET 0
		) LIMIT 1`
}
