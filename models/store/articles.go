package store

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/knowledge"
)

// Articles keeps what models/knowledge needs: texts with their versions, votes, and what was not found.
type Articles struct{ *DB }

// Articles is the knowledge capability's view of the database.
func (db *DB) Articles() *Articles { return &Articles{db} }

var _ knowledge.Store = (*Articles)(nil)

type articleVersionRow struct {
	ArticleID   string `gorm:"primaryKey"`
	Version     int    `gorm:"primaryKey;autoIncrement:false"`
	State       string
	Origin      string
	Digest      string
	Question    string
	Answer      string
	Keywords    string
	Rules       string
	ValidFrom   string
	ValidTo     string
	CountsFrom  string
	ReviewBy    string
	ReviewedOn  string
	Editors     string
	Note        string
	CreatedAt   time.Time `gorm:"autoCreateTime:false"`
	EditedAt    time.Time
	SubmittedAt *time.Time
	DecidedBy   *string
	DecidedAt   *time.Time
	Changes     int
}

func (articleVersionRow) TableName() string { return "article_versions" }

// joinedVersion is a version with what is its article's.
type joinedVersion struct {
	Row        articleVersionRow `gorm:"embedded"`
	Audience   string
	Place      int
	Department string
}

func newArticleVersionRow(v knowledge.Version) articleVersionRow {
	return articleVersionRow{
		ArticleID: v.ID, Version: v.Version, State: string(v.State), Origin: string(v.Origin), Digest: v.Digest, Question: v.Question, Answer: v.Answer,
		Keywords: asJSON(v.Keywords), Rules: asJSON(v.Rules), ValidFrom: string(v.ValidFrom), ValidTo: string(v.ValidTo), CountsFrom: string(v.CountsFrom),
		ReviewBy: string(v.ReviewBy), ReviewedOn: string(v.ReviewedOn), Editors: asJSON(v.Editors), Note: v.Note, CreatedAt: v.CreatedAt, EditedAt: v.EditedAt,
		SubmittedAt: nullTime(v.SubmittedAt), DecidedBy: nullID(v.DecidedBy), DecidedAt: nullTime(v.DecidedAt), Changes: v.Changes,
	}
}

func (j joinedVersion) version() (knowledge.Version, error) {
	r := j.Row
	v := knowledge.Version{
		Article: knowledge.Article{
			ID: r.ArticleID, Version: r.Version, Audience: knowledge.Audience(j.Audience), Department: j.Department, Question: r.Question, Answer: r.Answer,
			ValidFrom: models.Date(r.ValidFrom), ValidTo: models.Date(r.ValidTo), ReviewBy: models.Date(r.ReviewBy), ReviewedOn: models.Date(r.ReviewedOn),
		},
		State: knowledge.State(r.State), Origin: knowledge.Origin(r.Origin), Digest: r.Digest, Place: j.Place, CountsFrom: models.Date(r.CountsFrom), Note: r.Note,
		CreatedAt: models.Instant(r.CreatedAt), EditedAt: models.Instant(r.EditedAt), SubmittedAt: timeOf(r.SubmittedAt), DecidedBy: idOf(r.DecidedBy),
		DecidedAt: timeOf(r.DecidedAt), Changes: r.Changes,
	}
	for _, list := range []struct {
		text string
		into any
	}{{r.Keywords, &v.Keywords}, {r.Rules, &v.Rules}, {r.Editors, &v.Editors}} {
		if err := json.Unmarshal([]byte(list.text), list.into); err != nil {
			return knowledge.Version{}, err
		}
	}
	return v, nil
}

// asJSON writes a list of words; nil is an empty one.
func asJSON[T ~string](list []T) string {
	b, _ := json.Marshal(append([]T{}, list...)) // strings only: it never fails
	return string(b)
}

func (s *Articles) versions(ctx context.Context, narrow func(q *gorm.DB) *gorm.DB) ([]knowledge.Version, error) {
	q := s.q(ctx).Table("article_versions AS v").Joins("JOIN articles AS a ON a.id = v.article_id").Select("v.*, a.audience, a.place, a.department")
	var rows []joinedVersion
	if err := narrow(q).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]knowledge.Version, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = r.version(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Edition implements knowledge.VersionStore.
func (s *Articles) Edition(ctx context.Context) (n int64, err error) {
	err = s.q(ctx).Raw("SELECT n FROM article_edition").Scan(&n).Error
	return n, translate(err)
}

// BumpEdition implements knowledge.VersionStore: the one row is held until the transaction ends.
func (s *Articles) BumpEdition(ctx context.Context) error {
	return translate(s.w(ctx).Exec("UPDATE article_edition SET n = n + 1").Error)
}

// Published implements knowledge.VersionStore.
func (s *Articles) Published(ctx context.Context) ([]knowledge.Version, error) {
	return s.versions(ctx, func(q *gorm.DB) *gorm.DB { return q.Where("v.state = 'published'").Order("v.article_id, v.version") })
}

// Versions implements knowledge.VersionStore.
func (s *Articles) Versions(ctx context.Context, article string) ([]knowledge.Version, error) {
	return s.versions(ctx, func(q *gorm.DB) *gorm.DB { return q.Where("v.article_id = ?", article).Order("v.version DESC") })
}

// Version implements knowledge.VersionStore. Who decides has bumped the edition and is alone; SaveVersion guards the rest.
func (s *Articles) Version(ctx context.Context, article string, n int) (knowledge.Version, error) {
	found, err := s.versions(ctx, func(q *gorm.DB) *gorm.DB { return q.Where("v.article_id = ? AND v.version = ?", article, n) })
	if err == nil && len(found) == 0 {
		err = models.ErrNotFound
	}
	if err != nil {
		return knowledge.Version{}, err
	}
	return found[0], nil
}

// AddArticle implements knowledge.VersionStore.
func (s *Articles) AddArticle(ctx context.Context, v knowledge.Version) (added bool, err error) {
	res := s.w(ctx).Exec("INSERT INTO articles (id, audience, place, department, created_at) VALUES (?,?,?,?,?) ON CONFLICT (id) DO NOTHING",
		v.ID, string(v.Audience), v.Place, v.Department, v.CreatedAt)
	if res.Error != nil || res.RowsAffected == 0 {
		return false, translate(res.Error)
	}
	return true, s.AddVersion(ctx, v)
}

// AddVersion implements knowledge.VersionStore.
func (s *Articles) AddVersion(ctx context.Context, v knowledge.Version) error {
	row := newArticleVersionRow(v)
	err := s.w(ctx).Create(&row).Error
	if s.isDuplicate(err, "article_versions_one_open") {
		return knowledge.ErrDraftOpen
	}
	return translate(err)
}

// SaveVersion implements knowledge.VersionStore.
func (s *Articles) SaveVersion(ctx context.Context, v knowledge.Version) error {
	row := newArticleVersionRow(v)
	row.Changes++
	return guarded(s.w(ctx).Model(&articleVersionRow{}).Where("article_id = ? AND version = ? AND changes = ?", v.ID, v.Version, v.Changes).
		Select("*").Omit("article_id", "version", "origin", "digest", "created_at").Updates(row))
}

// InState implements knowledge.VersionStore.
func (s *Articles) InState(ctx context.Context, state knowledge.State, after knowledge.Place, limit int) ([]knowledge.Version, error) {
	return s.versions(ctx, func(q *gorm.DB) *gorm.DB {
		q = q.Where("v.state = ?", string(state))
		if after.Article != "" {
			q = q.Where("(v.edited_at, v.article_id, v.version) > (?,?,?)", after.At, after.Article, after.Version)
		}
		return q.Order("v.edited_at, v.article_id, v.version").Limit(limit)
	})
}

// Digests implements knowledge.VersionStore.
func (s *Articles) Digests(ctx context.Context) (map[string][]string, error) {
	var rows []struct{ ArticleID, Digest string }
	if err := s.q(ctx).Raw("SELECT article_id, digest FROM article_versions WHERE digest <> ''").Scan(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := map[string][]string{}
	for _, r := range rows {
		out[r.ArticleID] = append(out[r.ArticleID], r.Digest)
	}
	return out, nil
}
