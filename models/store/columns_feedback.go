package store

// feedbackColumns classifies the tables of migration 0011 (see TableColumns).
var feedbackColumns = []TableColumns{
	{Table: "payment_feedback", Keep: KeepRecord, Columns: map[Class][]string{
		Internal:  {"ledger_month", "batch_id", "line", "enquiry_id", "answered_at", "version"},
		Sensitive: {"person_id", "answer", "seen_fen"}, Core: {"note_sealed"},
	}},
	{Table: "misuse_reports", Keep: KeepRecord, Columns: map[Class][]string{
		Internal:  {"id", "number", "opened_at", "due_at", "alarmed_at", "answered_at", "closed_at", "answered_by", "version"},
		Sensitive: {"kind", "department", "programme", "district", "person_id", "state"},
		Core:      {"code_hash", "text_sealed", "contact_sealed", "answer_sealed"},
	}},
	{Table: "public_totals", Keep: KeepMirror, Columns: map[Class][]string{
		Public: {"ledger_month", "programme", "district", "shown", "people", "payments", "total_fen"},
	}},
	{Table: "public_total_months", Keep: KeepMirror, Columns: map[Class][]string{
		Internal: {"ledger_month", "changes", "counted", "least", "due_at", "computed_at"},
	}},
}
