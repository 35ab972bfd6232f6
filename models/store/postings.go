package store

import (
	"context"

	"onecard/models"
	"onecard/models/subsidy"
)

func (r batchRow) posting() subsidy.Posting {
	return subsidy.Posting{Place: r.PostingPlace, From: models.Date(r.PostingFrom), To: models.Date(r.PostingTo),
		Office: subsidy.Office{Name: r.PostingOffice, Phone: r.PostingPhone}}
}

// BatchPosting is where the batch of a payment was posted.
func (s *Subsidies) BatchPosting(ctx context.Context, k subsidy.Key) (subsidy.Posting, error) {
	var rows []batchRow
	err := s.q(ctx).Select("posting_place", "posting_from", "posting_to", "posting_office", "posting_phone").
		Where("id = ? AND posting_place <> ''", k.BatchID).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return subsidy.Posting{}, translate(err)
	}
	p := rows[0].posting()
	if p.Office.Name == "" {
		p.Office = subsidy.Hotline
	}
	return p, nil
}

// BatchesPosted lists the batches posted on a day. Days compare as text; one without an end is no posting of a day.
func (s *Subsidies) BatchesPosted(ctx context.Context, q subsidy.PostingQuery, without []string) ([]subsidy.Batch, error) {
	db := s.q(ctx).Where("posting_place <> '' AND posting_to >= ? AND posting_from <= ? AND NOT withdrawn", string(q.On), string(q.On))
	if len(without) > 0 {
		db = db.Where("programme NOT IN ?", without)
	}
	if q.Programme != "" {
		db = db.Where("programme = ?", q.Programme)
	}
	if q.District != "" {
		db = db.Where("district = ?", q.District)
	}
	if q.After.Batch != "" {
		db = db.Where("(posting_to, id) > (?, ?)", q.After.To, q.After.Batch)
	}
	var rows []batchRow
	err := db.Order("posting_to, id").Limit(q.Limit).Find(&rows).Error
	out := make([]subsidy.Batch, len(rows))
	for i, r := range rows {
		out[i] = r.life().Batch
	}
	return out, translate(err)
}
