package store

// knowledgeColumns classifies the tables of the knowledge capability (see TableColumns). No person stands in an article:
// what looks like a number of one is refused.
var knowledgeColumns = []TableColumns{
	{Table: "articles", Keep: KeepAlways, Columns: map[Class][]string{
		Public: {"id", "audience", "place", "department"}, Internal: {"created_at"},
	}},
	{Table: "article_versions", Keep: KeepAlways, Columns: map[Class][]string{
		Public: {
			"article_id", "version", "question", "answer", "keywords", "rules", "valid_from", "valid_to", "counts_from", "review_by", "reviewed_on",
		},
		Internal: {
			"state", "origin", "digest", "editors", "created_at", "edited_at", "submitted_at", "decided_by", "decided_at", "note", "changes",
		},
	}},
	{Table: "article_edition", Keep: KeepAlways, Columns: map[Class][]string{Internal: {"one", "n"}}},
	{Table: "article_votes", Keep: KeepAlways, Columns: map[Class][]string{
		Internal: {"article_id", "version", "staff_id", "useful", "voted_at"},
	}},
	{Table: "article_gaps", Keep: KeepDays, Columns: map[Class][]string{Internal: {"day", "gram", "count"}}},
}
