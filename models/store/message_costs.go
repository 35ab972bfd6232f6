package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/notice"
)

// MessageCosts counts what messages cost (notice.Costs) and which alarms were given.
type MessageCosts struct{ *DB }

// MessageCosts is the table of costs.
func (db *DB) MessageCosts() *MessageCosts { return &MessageCosts{db} }

var _ notice.Costs = (*MessageCosts)(nil)

type messageCostRow struct {
	Day        string `gorm:"primaryKey"`
	Channel    string `gorm:"primaryKey"`
	Vendor     string `gorm:"primaryKey"`
	Programme  string `gorm:"primaryKey"`
	Department string `gorm:"primaryKey"`
	Kind       string `gorm:"primaryKey"`
	Messages   int64
	Parts      int64
	CostMilli  int64
}

func (messageCostRow) TableName() string { return "message_costs" }

func (r messageCostRow) key() string {
	return strings.Join([]string{r.Day, r.Channel, r.Vendor, r.Programme, r.Department, r.Kind}, "\x00")
}

var costKey = []string{"day", "channel", "vendor", "programme", "department", "kind"}

// AddCosts implements notice.Costs.
func (s *MessageCosts) AddCosts(ctx context.Context, list []notice.Cost) error {
	list = notice.Tally(list) // one statement must not meet a row twice
	if len(list) == 0 {
		return nil
	}
	rows := make([]messageCostRow, len(list))
	for i, c := range list {
		rows[i] = messageCostRow{string(c.Day), string(c.Channel), c.Vendor, c.Programme, c.Department, string(c.Kind), c.Messages, c.Parts, c.Milli}
	}
	slices.SortFunc(rows, func(a, b messageCostRow) int { return strings.Compare(a.key(), b.key()) })
	on := clause.OnConflict{DoUpdates: clause.Set{}}
	for _, name := range costKey {
		on.Columns = append(on.Columns, clause.Column{Name: name})
	}
	for _, name := range []string{"messages", "parts", "cost_milli"} {
		on.DoUpdates = append(on.DoUpdates, clause.Assignment{
			Column: clause.Column{Name: name}, Value: clause.Expr{SQL: "message_costs." + name + " + excluded." + name},
		})
	}
	return translate(s.w(ctx).Clauses(on).Create(&rows).Error)
}

// CostsOf implements notice.Costs.
func (s *MessageCosts) CostsOf(ctx context.Context, from, to models.Date) ([]notice.Cost, error) {
	var rows []messageCostRow
	err := s.q(ctx).Where("day BETWEEN ? AND ?", string(from), string(to)).Order(strings.Join(costKey, ", ")).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	out := make([]notice.Cost, len(rows))
	for i, r := range rows {
		out[i] = notice.Cost{
			Day: models.Date(r.Day), Channel: notice.Channel(r.Channel), Vendor: r.Vendor, Kind: notice.Kind(r.Kind),
			CostCentre: notice.CostCentre{Programme: r.Programme, Department: r.Department},
			Messages:   r.Messages, Parts: r.Parts, Milli: r.CostMilli,
		}
	}
	return out, nil
}

// CostOn is what the messages of a day cost so far, in thousandths of a yuan.
func (s *MessageCosts) CostOn(ctx context.Context, day models.Date) (milli int64, err error) {
	err = s.q(ctx).Raw("SELECT CAST(COALESCE(SUM(cost_milli), 0) AS bigint) FROM message_costs WHERE day = ?", string(day)).Row().Scan(&milli)
	return milli, translate(err)
}

type messageAlarmRow struct {
	Span    string `gorm:"primaryKey"`
	Code    string `gorm:"primaryKey"`
	About   string `gorm:"primaryKey"`
	GivenAt time.Time
}

func (messageAlarmRow) TableName() string { return "message_alarms" }

// FirstAlarm reports whether this is the first alarm of its code about a thing within a span (a day, an hour): of any
// number of replicas one gives it.
func (s *MessageCosts) FirstAlarm(ctx context.Context, span, code, about string, at time.Time) (bool, error) {
	res := s.w(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&messageAlarmRow{span, code, about, models.Instant(at)})
	return res.RowsAffected == 1, translate(res.Error)
}

// ReturnAlarm gives a span back to whoever comes next: what it was taken for was not done.
func (s *MessageCosts) ReturnAlarm(ctx context.Context, span, code, about string) error {
	return translate(s.w(ctx).Delete(&messageAlarmRow{}, "span = ? AND code = ? AND about = ?", span, code, about).Error)
}

// ForgetAlarms drops what no span looks at any more.
func (s *MessageCosts) ForgetAlarms(ctx context.Context, before time.Time) error {
	return translate(s.w(ctx).Exec("DELETE FROM message_alarms WHERE given_at < ?", models.Instant(before)).Error)
}
