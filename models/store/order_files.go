package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// OrderFiles keeps which orders went out in which file.
type OrderFiles struct{ *DB }

// OrderFiles is the table of files and of their lines.
func (db *DB) OrderFiles() *OrderFiles { return &OrderFiles{db} }

var _ hotline.OrderFiles = (*OrderFiles)(nil)

// AddFile writes a file and its lines. Its number is the next of its department and district; of two at once the second
// finds the number taken and is models.ErrConflict.
func (t *OrderFiles) AddFile(ctx context.Context, f hotline.OrderFile) (number int, err error) {
	err = t.InTx(ctx, func(ctx context.Context) error {
		err := t.w(ctx).Raw(`INSERT INTO order_files (id, number, department, district, made_by, made_at)
			SELECT ?, coalesce(max(number), 0) + 1, ?, ?, ?, ? FROM order_files WHERE department = ? AND district = ? RETURNING number`,
			string(f.ID), f.Department, f.District, f.MadeBy, models.Instant(f.MadeAt), f.Department, f.District).Row().Scan(&number)
		if err = translate(err); t.isDuplicate(err, "order_files_number") {
			return models.ErrConflict.Because(err)
		}
		if err != nil {
			return err
		}
		for _, l := range f.Lines {
			if err := t.w(ctx).Exec("INSERT INTO order_file_lines (file_id, line, order_id) VALUES (?,?,?)", string(f.ID), l.Line, string(l.Order.ID)).Error; err != nil {
				return translate(err)
			}
		}
		return nil
	})
	return number, err
}

// FileLine reads one line of a file that went out.
func (t *OrderFiles) FileLine(ctx context.Context, file models.ID, line int) (hotline.FileLine, error) {
	var r struct {
		Department, District, OrderID string
		MadeAt                        time.Time
		AnsweredAt                    *time.Time
	}
	if _, err := models.ParseID(string(file)); err != nil { // what a file says is no id until it is one
		return hotline.FileLine{}, models.ErrNotFound
	}
	err := t.q(ctx).Table("order_file_lines l").Select("f.department, f.district, f.made_at, l.order_id, l.answered_at").
		Joins("JOIN order_files f ON f.id = l.file_id").Where("l.file_id = ? AND l.line = ?", string(file), line).Take(&r).Error
	return hotline.FileLine{Department: r.Department, District: r.District, MadeAt: models.Instant(r.MadeAt), Order: models.ID(r.OrderID), AnsweredAt: timeOf(r.AnsweredAt)}, translate(err)
}

// WentOut implements hotline.OrderFiles.
func (t *OrderFiles) WentOut(ctx context.Context, department, district string, order models.ID) (out bool, err error) {
	err = t.q(ctx).Raw(`SELECT EXISTS (SELECT 1 FROM order_file_lines l JOIN order_files f ON f.id = l.file_id
		WHERE f.department = ? AND f.district = ? AND l.order_id = ?)`, department, district, string(order)).Scan(&out).Error
	return out, translate(err)
}

// MarkLine notes that a line was answered; of two at once one does.
func (t *OrderFiles) MarkLine(ctx context.Context, file models.ID, line int, at time.Time) error {
	return guarded(t.w(ctx).Exec("UPDATE order_file_lines SET answered_at = ? WHERE file_id = ? AND line = ? AND answered_at IS NULL",
		models.Instant(at), string(file), line))
}
