package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/card"
)

type cardCommandRow struct {
	ID        string `gorm:"primaryKey"`
	Kind      string
	PersonID  string
	PersonRef string
	CardID    *string
	CardRef   string
	SubjectID string
	CardSeq   *int64
	LossKind  string
	Channel   string
	State     string
	Attempt   int
	NotAfter  time.Time
	LeaseEnds *time.Time
	DueAt     time.Time
	CreatedAt time.Time `gorm:"autoCreateTime:false"`
	SettledAt *time.Time
	Reference string
	Code      string
}

func (cardCommandRow) TableName() string { return "card_commands" }

func newCardCommandRow(c card.Command) cardCommandRow {
	row := cardCommandRow{
		ID: string(c.ID), Kind: string(c.Kind), PersonID: string(c.PersonID), PersonRef: string(c.PersonRef), CardID: nullID(c.CardID),
		CardRef: string(c.CardRef), SubjectID: string(c.SubjectID), LossKind: string(c.LossKind), Channel: string(c.Channel),
		State: string(c.State), Attempt: c.Attempt, NotAfter: models.Instant(c.NotAfter), LeaseEnds: nullTime(c.LeaseEnds),
		DueAt: models.Instant(c.DueAt), CreatedAt: models.Instant(c.CreatedAt), SettledAt: nullTime(c.SettledAt), Reference: c.Reference, Code: c.Code,
	}
	if c.CardSeq > 0 {
		row.CardSeq = &c.CardSeq
	}
	return row
}

func (r cardCommandRow) command() card.Command {
	c := card.Command{
		ID: models.ID(r.ID), Kind: card.CommandKind(r.Kind), PersonID: models.ID(r.PersonID), PersonRef: models.PersonRef(r.PersonRef),
		CardID: idOf(r.CardID), CardRef: models.CardRef(r.CardRef), SubjectID: models.ID(r.SubjectID), LossKind: card.LossKind(r.LossKind),
		Channel: models.Channel(r.Channel), State: card.CommandState(r.State), Attempt: r.Attempt, NotAfter: models.Instant(r.NotAfter),
		LeaseEnds: timeOf(r.LeaseEnds), DueAt: models.Instant(r.DueAt), CreatedAt: models.Instant(r.CreatedAt),
		SettledAt: timeOf(r.SettledAt), Reference: r.Reference, Code: r.Code,
	}
	if r.CardSeq != nil {
		c.CardSeq = *r.CardSeq
	}
	return c
}

// AddCommand inserts a command; models.ErrConflict when an unfinished one stands in its place.
func (s *Cards) AddCommand(ctx context.Context, c card.Command) error {
	row := newCardCommandRow(c)
	return translate(s.w(ctx).Create(&row).Error)
}

// Command reads one command; models.ErrNotFound.
func (s *Cards) Command(ctx context.Context, id models.ID) (card.Command, error) {
	return oneCommand(s.q(ctx).Where("id = ?", string(id)))
}

// UnfinishedCommand reads the loss or release of a card that is not settled; models.ErrNotFound.
func (s *Cards) UnfinishedCommand(ctx context.Context, id models.ID) (card.Command, error) {
	return oneCommand(s.q(ctx).Where("card_id = ? AND kind IN ('loss', 'release') AND state IN ('requested', 'sending', 'unknown')", string(id)))
}

// UnfinishedApplicationCommand reads the command of an application that is not settled; models.ErrNotFound.
func (s *Cards) UnfinishedApplicationCommand(ctx context.Context, application models.ID) (card.Command, error) {
	return oneCommand(s.q(ctx).Where("subject_id = ? AND kind IN ('application', 'correction', 'withdrawal') AND state IN ('requested', 'sending', 'unknown')",
		string(application)))
}

// SupersededRelease reads the card's superseded release on which the registry may act longest; models.ErrNotFound.
func (s *Cards) SupersededRelease(ctx context.Context, id models.ID) (card.Command, error) {
	return oneCommand(s.q(ctx).Where("card_id = ? AND kind = 'release' AND state = 'superseded'", string(id)).
		Where("card_seq IS NOT NULL"). // names the partial index
		Order("not_after DESC"))
}

// SettledCommands reads the card's losses, or releases, that were settled, or whose last lease ends, since a time.
func (s *Cards) SettledCommands(ctx context.Context, id models.ID, kind card.CommandKind, since time.Time) ([]card.Command, error) {
	var rows []cardCommandRow
	err := s.q(ctx).Where("card_id = ? AND kind = ? AND settled_at IS NOT NULL AND (settled_at >= ? OR lease_ends >= ?)", string(id), string(kind), since, since).
		Where("card_seq IS NOT NULL"). // names the partial index
		Order("card_seq").Find(&rows).Error
	out := make([]card.Command, len(rows))
	for i, r := range rows {
		out[i] = r.command()
	}
	return out, translate(err)
}

func oneCommand(q *gorm.DB) (card.Command, error) {
	var row cardCommandRow
	if err := q.Take(&row).Error; err != nil {
		return card.Command{}, translate(err)
	}
	return row.command(), nil
}

// DueCommands lists what a sweep should carry out: losses first, then releases, then the rest, the oldest first.
func (s *Cards) DueCommands(ctx context.Context, at time.Time, limit int, kinds ...card.CommandKind) ([]models.ID, error) {
	var ids []string
	q := s.q(ctx).Model(&cardCommandRow{}).
		Where("state IN ('requested', 'sending', 'unknown') AND due_at <= ? AND (lease_ends IS NULL OR lease_ends <= ?)", at, at)
	if len(kinds) > 0 {
		q = q.Where("kind IN ?", kinds)
	}
	err := q.Order("CASE kind WHEN 'loss' THEN 0 WHEN 'release' THEN 1 ELSE 2 END, due_at").Limit(limit).Pluck("id", &ids).Error
	out := make([]models.ID, len(ids))
	for i, id := range ids {
		out[i] = models.ID(id)
	}
	return out, translate(err)
}

// LeaseCommand takes the command for one more attempt. The attempt number is the lease: an answer counts only with it.
func (s *Cards) LeaseCommand(ctx context.Context, c card.Command, at, ends time.Time) (card.Command, error) {
	err := guarded(s.w(ctx).Model(&cardCommandRow{}).
		Where("id = ? AND state = ? AND attempt = ? AND (lease_ends IS NULL OR lease_ends <= ?)", string(c.ID), string(c.State), c.Attempt, at).
		Updates(map[string]any{"state": string(card.CommandSending), "attempt": c.Attempt + 1, "lease_ends": models.Instant(ends)}))
	if err != nil {
		return c, err
	}
	c.State, c.Attempt, c.LeaseEnds = card.CommandSending, c.Attempt+1, models.Instant(ends)
	return c, nil
}

// SettleCommand writes c over the row that still has state from and c's attempt; models.ErrConflict otherwise.
func (s *Cards) SettleCommand(ctx context.Context, c card.Command, from card.CommandState) error {
	row := newCardCommandRow(c)
	return guarded(s.w(ctx).Model(&cardCommandRow{}).
		Where("id = ? AND state = ? AND attempt = ?", row.ID, string(from), row.Attempt).
		Select("state", "lease_ends", "due_at", "settled_at", "reference", "code").Updates(row))
}
